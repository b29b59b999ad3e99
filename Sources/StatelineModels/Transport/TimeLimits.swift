internal import NIOCore

/// The time limits of a call.
///
/// All but the connection's run from the start of the call.
public struct TimeLimits: Hashable, Sendable {
    /// The time to make a connection, its TLS included.
    public var connect: Duration
    /// The time to the head of the answer.
    ///
    /// A model that reasons before a whole answer needs most of its time here.
    public var firstByte: Duration
    /// The time to the end of the answer.
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
