/// A failure to get a reply.
///
/// A store throws a `StoreError` in its place.
struct RedisError: Error, Hashable, Sendable {
    /// The progress of the commands when the request failed.
    enum Execution: String, Hashable, Sendable {
        /// No byte of them was sent.
        case notSent
        /// They were sent, and the server answered that it did not execute them.
        case notExecuted
        /// They were sent, and may have been executed.
        case unknown
        /// They were executed.
        case executed
    }

    /// The cause of a failure.
    enum Reason: Hashable, Sendable {
        /// No connection could be made.
        case unreachable
        /// The connection ended before the reply.
        case closed
        /// The deadline passed.
        case timedOut
        /// The task was cancelled.
        case cancelled
        /// Too many commands are waiting.
        case overloaded
        /// The server's certificate was refused, or it refused ours.
        case untrusted
        /// The server refused the credentials, or they do not permit the command.
        case denied
        /// The server answered with an error; this is its code, such as `OOM`.
        case refused(code: String)
        /// The bytes received are not a reply, or the reply belongs to another request.
        case protocolViolation
        /// No cluster node owns the keys.
        case clusterDown
    }

    /// The cause.
    let reason: Reason
    /// The progress of the commands.
    let execution: Execution
    /// A description for people, without content, keys or passwords.
    let message: String

    /// Makes an error.
    init(_ reason: Reason, _ execution: Execution, message: String) {
        self.reason = reason
        self.execution = execution
        self.message = message
    }
}

extension RedisError: CustomStringConvertible {
    /// The message, the reason and the progress, in one line.
    var description: String { "\(message) (\(reason), \(execution))" }
}
