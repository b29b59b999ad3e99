internal import NIOCore

/// A request in the queue of those that wait for replies.
struct PendingRequest<Completion> {
    /// The caller's completion; `nil` for a tombstone, which absorbs replies whose caller has given up.
    var completion: Completion?
    /// The number of replies that are due.
    let commands: Int
    /// The caller's deadline.
    let deadline: NIODeadline
    /// Its size in the outgoing buffer, in bytes.
    let bytes: Int
    /// The time that the server may block on purpose, as for `WAIT`.
    var serverTime = TimeAmount.zero
    /// `true` for a ping of the connection itself.
    var isPing = false
    /// The time at which the caller gave up.
    var abandoned: NIODeadline?

    /// The time that the reply may take beyond an ordinary round trip: the server's, and that of the bytes at 256 KiB a
    /// second.
    var expectedTime: TimeAmount {
        serverTime + .nanoseconds(Int64(bytes >> 10) * 1_000_000_000 / 256)
    }

    /// An encoded ping.
    static var pingBytes: StaticString { "*1\r\n$4\r\nPING\r\n" }

    /// Makes a ping, which is a tombstone from the beginning.
    static func ping(now: NIODeadline) -> Self {
        Self(
            completion: nil,
            commands: 1,
            deadline: .distantFuture,
            bytes: pingBytes.utf8CodeUnitCount,
            isPing: true,
            abandoned: now
        )
    }
}
