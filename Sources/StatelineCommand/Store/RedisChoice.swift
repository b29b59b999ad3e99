#if Redis
internal import ArgumentParser
internal import StatelineRedis

/// A Redis that a person named.
enum RedisChoice {
    /// Reads an argument's value.
    ///
    /// What is wrong is said without the text: any part of it may turn out to be of a password.
    static func parse(_ text: String) throws -> RedisURL {
        do { return try RedisURL(text) } catch { throw ValidationError(error.description) }
    }
}
#endif
