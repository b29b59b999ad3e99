internal import NIOCore
internal import Stateline

/// The time limits of a call.
///
/// Those of the connection, of the first byte and of the whole call run from the start of the call. The others run from
/// the last byte that came, while the next one is waited for: a slow reader of an answer uses none of them up.
public struct TimeLimits: Hashable, Sendable {
    /// The time to make a connection, its TLS included.
    public var connect: Duration
    /// The time to the first byte of the answer's body.
    ///
    /// A model that reasons before it answers needs most of its time here.
    public var firstByte: Duration
    /// The time between two pieces of an answer that has begun, comments of a stream included.
    public var idle: Duration
    /// The time to the end of the answer.
    public var total: Duration
    /// The time from the end of the answer's content to the end of what may follow it, such as token counts.
    ///
    /// The answer is kept when it has passed, with what came by then.
    public var afterEnd: Duration

    /// Makes limits.
    public init(
        connect: Duration = .seconds(10),
        firstByte: Duration = .seconds(300),
        idle: Duration = .seconds(60),
        total: Duration = .seconds(900),
        afterEnd: Duration = .seconds(2)
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.idle = idle
        self.total = total
        self.afterEnd = afterEnd
    }
}

extension TimeLimits {
    /// Returns the limits of a call: the session's in place of the transport's, and at most the time that the turn leaves.
    func replaced(by request: ModelRequest) -> TimeLimits {
        var limits = self
        limits.firstByte = request.timeLimits.firstByte ?? firstByte
        limits.idle = request.timeLimits.idle ?? idle
        limits.total = request.timeLimits.total ?? total
        if let left = request.timeLeft { limits.total = min(limits.total, left) }
        return limits
    }
}
