/// Why there is no Redis server, or no answer of one.
public struct RedisServerError: Error, Hashable, Sendable {
    /// What went wrong.
    public enum Reason: Hashable, Sendable {
        /// What is needed is not installed; this Debian package brings it.
        case missing(package: String)
        /// The server, or what was to be formed of several, did not come up.
        case notStarted
        /// The server answered with an error.
        case refused
        /// The server did not answer.
        case unreachable
        /// A command of the system failed.
        case commandFailed
    }

    /// What went wrong.
    public let reason: Reason
    /// What happened, for people: with the end of the server's log where it did not start.
    public let message: String

    /// Makes an error.
    public init(_ reason: Reason, message: String) {
        self.reason = reason
        self.message = message
    }

    /// What is installed by a package of the system was not found.
    static func missing(_ what: String, package: String) -> RedisServerError {
        RedisServerError(
            .missing(package: package),
            message: "\(what) was not found: apt-get install \(package)"
        )
    }
}

extension RedisServerError: CustomStringConvertible {
    /// What happened.
    public var description: String { message }
}
