/// The limits of one reply.
///
/// A connection ends when a reply exceeds them.
///
/// A server announces the lengths of strings and arrays before it sends them. No memory is reserved for announced
/// lengths.
struct ReplyLimits: Hashable, Sendable {
    /// The maximum number of bytes of a string.
    var bulkBytes = 64 << 20
    /// The maximum number of bytes of a status or an error.
    var lineBytes = 16 << 10
    /// The maximum number of elements of all arrays of a reply together.
    var elements = 1 << 20
    /// The maximum depth of nested arrays, at most 7, which is the parser's own limit.
    var depth = 7
    /// The maximum number of bytes of a reply in memory: its strings, its elements and the bytes not parsed yet.
    var bufferedBytes = 128 << 20
}

/// The reason for which bytes are not an acceptable reply.
enum ReplyViolation: Error, Hashable, Sendable {
    /// The bytes are not RESP2.
    case malformed
    /// A string does not end at its announced length.
    case wrongTerminator
    /// A string is longer than ``ReplyLimits/bulkBytes``.
    case bulkTooLong
    /// A status or an error is longer than ``ReplyLimits/lineBytes``.
    case lineTooLong
    /// Arrays have more elements than ``ReplyLimits/elements``.
    case tooManyElements
    /// Arrays are nested deeper than ``ReplyLimits/depth``.
    case tooDeep
    /// A reply takes more bytes than ``ReplyLimits/bufferedBytes``.
    case replyTooLarge
    /// Memory is exhausted.
    case outOfMemory
}
