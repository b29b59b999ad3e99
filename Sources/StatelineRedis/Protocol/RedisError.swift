/// Why there is no reply.
public struct RedisError: Error, Hashable, Sendable {
    /// How far the commands got.
    public enum Execution: String, Hashable, Sendable {
        /// No byte of them was sent.
        case notSent
        /// They were sent, and the server said that it did not execute them.
        case notExecuted
        /// Nobody can say.
        case unknown
        /// They were executed.
        case executed
    }

    /// What went wrong.
    public enum Reason: Hashable, Sendable {
        /// There is no connection, and none could be made.
        case unreachable
        /// The connection ended before the reply.
        case closed
        /// The deadline passed.
        case timedOut
        /// The task was cancelled.
        case cancelled
        /// Too many commands wait already.
        case overloaded
        /// The server's certificate was refused, or it refused ours.
        case untrusted
        /// The server refused the credentials, or what they allow.
        case denied
        /// The server answered with an error; this is its code, such as `OOM`.
        case refused(code: String)
        /// What came is not a reply, or not to what was asked.
        case protocolViolation
        /// No node serves the keys.
        case clusterDown
    }

    /// What went wrong.
    public let reason: Reason
    /// How far the commands got.
    public let execution: Execution
    /// What happened, for people: never content, keys or passwords.
    public let message: String

    /// Makes an error.
    public init(_ reason: Reason, _ execution: Execution, message: String) {
        self.reason = reason
        self.execution = execution
        self.message = message
    }
}

extension RedisError: CustomStringConvertible {
    /// What happened, in one line.
    public var description: String { "\(message) (\(reason), \(execution))" }
}
