/// Why a text is not the URL of a Redis.
///
/// No part of the text is in it, since any part may turn out to be of a password.
public struct RedisURLError: Error, Hashable, Sendable {
    /// What is wrong with the text.
    public enum Reason: String, Hashable, Sendable {
        /// It begins with none of the schemes.
        case scheme
        /// The part before the `@` is not a user and a password, or only a password.
        case credentials
        /// There is no host, one too many, or one that cannot be.
        case host
        /// A port is not a number from 1 to 65,535.
        case port
        /// The path is not a database, a socket, or the name of a primary with one.
        case path
        /// The database is not a number from 0, or not 0 in a cluster.
        case database
        /// An option is not known, given twice, empty, or not of use with the scheme.
        case option
        /// A `%` is not followed by two hexadecimal digits, or what they stand for is not text.
        case encoding
    }

    /// What is wrong with the text.
    public let reason: Reason
    /// The same for people.
    public let message: String

    init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }
}

extension RedisURLError: CustomStringConvertible {
    /// What is wrong, in one line.
    public var description: String { "not the URL of a Redis: \(message)" }
}
