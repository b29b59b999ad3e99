/// What one reply may cost before the connection that it comes over is ended.
///
/// A server says how long its strings and arrays are before it sends them; none of these promises is believed: nothing
/// is reserved for what has not come.
struct ReplyLimits: Hashable, Sendable {
    /// Bytes of one string.
    var bulkBytes = 64 << 20
    /// Bytes of one status or error.
    var lineBytes = 16 << 10
    /// Elements of all the arrays of one reply.
    var elements = 1 << 20
    /// How deep arrays may lie in arrays; no more than 7, which is the parser's own limit.
    var depth = 7
    /// Bytes of one reply as it is held here: its strings, its elements and what is not parsed yet.
    var bufferedBytes = 128 << 20
}

/// Why what came is not a reply that can be taken.
enum ReplyViolation: Error, Hashable, Sendable {
    /// It is not RESP2.
    case malformed
    /// A string does not end where it was said to end.
    case wrongTerminator
    /// A string is longer than ``ReplyLimits/bulkBytes``.
    case bulkTooLong
    /// A status or an error is longer than ``ReplyLimits/lineBytes``.
    case lineTooLong
    /// There are more elements than ``ReplyLimits/elements``.
    case tooManyElements
    /// Arrays lie deeper than ``ReplyLimits/depth``.
    case tooDeep
    /// A reply takes more than ``ReplyLimits/bufferedBytes``.
    case replyTooLarge
    /// There is no memory for it.
    case outOfMemory
}
