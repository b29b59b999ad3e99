/// The reason for which a text is not the URL of a Redis.
///
/// The error contains no part of the text, because any part may belong to a password.
public struct RedisURLError: Error, Hashable, Sendable {
    /// The part of the text that is wrong.
    public enum Reason: String, Hashable, Sendable {
        /// The scheme is unknown.
        case scheme
        /// The part before the `@` is not a user and a password, or only a password.
        case credentials
        /// A host is missing, invalid or superfluous.
        case host
        /// A port is not a number from 1 to 65,535.
        case port
        /// The path is not a database, a socket, or the name of a primary with one.
        case path
        /// The database is not a number from 0, or not 0 in a cluster.
        case database
        /// An option is unknown, empty, given twice, or does not apply to the scheme.
        case option
        /// A `%` is not followed by two hexadecimal digits, or what they stand for is not text.
        case encoding
    }

    /// The part of the text that is wrong.
    public let reason: Reason
    /// A description for people.
    public let message: String

    init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }
}

extension RedisURLError: CustomStringConvertible {
    /// The message, in one line.
    public var description: String { "invalid Redis URL: \(message)" }
}
