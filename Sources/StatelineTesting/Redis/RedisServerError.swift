/// A failure of a Redis server for tests, or of a command to it.
public struct RedisServerError: Error, Hashable, Sendable {
    /// The kind of failure.
    public enum Reason: Hashable, Sendable {
        /// A program is not installed; this Debian package has it.
        case missing(package: String)
        /// The server, or the group of servers, did not start.
        case notStarted
        /// The server answered with an error.
        case refused
        /// The server did not answer.
        case unreachable
        /// A command of the system failed.
        case commandFailed
    }

    /// The kind of failure.
    public let reason: Reason
    /// A description for people, with the end of the server's log if it did not start.
    public let message: String

    /// Makes an error.
    public init(_ reason: Reason, message: String) {
        self.reason = reason
        self.message = message
    }

    /// Makes the error for a program that a package of the system would install.
    static func missing(_ what: String, package: String) -> RedisServerError {
        RedisServerError(
            .missing(package: package),
            message: "\(what) was not found: apt-get install \(package)"
        )
    }
}

extension RedisServerError: CustomStringConvertible {
    /// The message.
    public var description: String { message }
}
