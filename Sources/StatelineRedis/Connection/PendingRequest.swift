internal import NIOCore

/// A request in the order in which its replies are due.
struct PendingRequest<Completion> {
    /// Who waits for it; `nil` makes it a tombstone, which takes replies that nobody waits for any more.
    var completion: Completion?
    /// How many replies are due.
    let commands: Int
    /// Until when somebody waits for it.
    let deadline: NIODeadline
    /// How many bytes it takes in the buffer of what is to be written.
    let bytes: Int
    /// How long the server may take on purpose, as `WAIT` does.
    var serverTime = TimeAmount.zero
    /// Whether it is a question of our own whether the server is alive.
    var isPing = false
    /// Since when nobody waits for it any more.
    var abandoned: NIODeadline?

    /// How long the reply may take beside an ordinary round trip: the server's time, and the bytes' at 256 KiB a second.
    var expectedTime: TimeAmount {
        serverTime + .nanoseconds(Int64(bytes >> 10) * 1_000_000_000 / 256)
    }

    /// What a question for a sign of life is.
    static var pingBytes: StaticString { "*1\r\n$4\r\nPING\r\n" }

    /// A question for a sign of life: a tombstone from the beginning.
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
