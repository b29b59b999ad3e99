internal import NIOCore

/// What a server answered to one command: RESP2.
///
/// [The protocol](https://redis.io/docs/latest/develop/reference/protocol-spec/).
enum RESPValue: Hashable, Sendable {
    /// A status, such as `OK`.
    case status(String)
    /// An error: what the server says, its code first.
    case error(String)
    /// An integer.
    case integer(Int64)
    /// Bytes.
    case bytes(ByteBuffer)
    /// Nothing.
    case null
    /// Several values.
    case array([RESPValue])
}
