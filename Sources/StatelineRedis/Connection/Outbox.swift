internal import NIOCore

/// Requests of callers on other threads that the event loop has not taken, and their bytes, in the same order.
struct Outbox {
    /// The bytes.
    var bytes = ByteBuffer()
    /// The requests.
    var requests: [PendingRequest<ReplyContinuation>] = []
    /// The number of their commands.
    var commands = 0
    /// The error for further requests, once the connection is closing.
    var end: RedisError?
}
