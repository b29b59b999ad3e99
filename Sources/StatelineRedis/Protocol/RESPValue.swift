internal import NIOCore

/// A server's reply to one command, in RESP2.
///
/// [The protocol](https://redis.io/docs/latest/develop/reference/protocol-spec/).
enum RESPValue: Hashable, Sendable {
    /// A status, such as `OK`.
    case status(String)
    /// An error: the server's text, which begins with a code.
    case error(String)
    /// An integer.
    case integer(Int64)
    /// Bytes.
    case bytes(ByteBuffer)
    /// The null value.
    case null
    /// Several values.
    case array([RESPValue])
}
