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
    /// Whether it is a question of our own whether the server is alive.
    var isPing = false
    /// Since when nobody waits for it any more.
    var abandoned: NIODeadline?

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
