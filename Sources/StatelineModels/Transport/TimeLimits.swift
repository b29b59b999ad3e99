internal import NIOCore

/// How long a call may take; all limits but the connection's run from the start of the call.
public struct TimeLimits: Hashable, Sendable {
    /// Making a connection, its TLS included.
    public var connect: Duration
    /// Until the head of the answer is there; a model that thinks before a whole answer needs most of the time here.
    public var firstByte: Duration
    /// Until the answer has ended.
    public var total: Duration

    /// Makes limits.
    public init(
        connect: Duration = .seconds(10),
        firstByte: Duration = .seconds(300),
        total: Duration = .seconds(900)
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.total = total
    }
}
