#if Redis
internal import ArgumentParser
internal import StatelineRedis

/// The URL of a Redis server, as an argument.
enum RedisChoice {
    /// Parses an argument's value.
    ///
    /// The error does not quote the text, because any part of it may belong to a password.
    static func parse(_ text: String) throws -> RedisURL {
        do { return try RedisURL(text) } catch { throw ValidationError(error.description) }
    }
}
#endif
