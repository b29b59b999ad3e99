internal import NIOCore

/// What callers on other threads have written and the loop has not taken: bytes, and the requests that they are of, in
/// one order.
struct Outbox {
    /// The bytes.
    var bytes = ByteBuffer()
    /// The requests.
    var requests: [PendingRequest<ReplyContinuation>] = []
    /// How many commands they have.
    var commands = 0
    /// Why nothing is taken any more.
    var end: RedisError?
}
