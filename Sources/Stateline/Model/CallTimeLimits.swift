/// The time limits of a session's calls, in place of those of the model's transport.
///
/// A member that is `nil` is left to the transport. The time to connect is always the transport's, whose connections
/// serve many sessions.
public struct CallTimeLimits: Hashable, Sendable {
    /// The time from the start of a call to the first byte of its answer's body.
    public var firstByte: Duration?
    /// The time between two pieces of an answer.
    public var idle: Duration?
    /// The time from the start of a call to the end of its answer.
    public var total: Duration?

    /// Makes limits.
    public init(firstByte: Duration? = nil, idle: Duration? = nil, total: Duration? = nil) {
        self.firstByte = firstByte
        self.idle = idle
        self.total = total
    }
}
