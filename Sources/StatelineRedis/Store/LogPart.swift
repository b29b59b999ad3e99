internal import NIOCore
internal import Stateline

/// A part of a log that is to be read.
struct LogPart: Sendable {
    /// The name of the log's key.
    let key: String
    /// The part's bytes.
    var range: Range<Int>

    /// The command that reads the part, which is not empty.
    var command: [String] { ["GETRANGE", key, String(range.lowerBound), String(range.upperBound - 1)] }
}

extension ChainReader {
    /// Reads a reply to ``LogPart/command``.
    ///
    /// - Parameters:
    ///   - reply: The reply.
    ///   - limit: The maximum number of bytes to read.
    /// - Returns: The number of bytes that were read; 0 of a reply that is not a string.
    /// - Throws: `StoreError` if the server refused.
    mutating func read(_ reply: RESPValue, atMost limit: Int) throws(StoreError) -> Int {
        switch reply {
        case .error(let text): throw StoreError(ServerMessage(text).error, maybeCommitted: false)
        case .bytes(var bytes):
            guard let piece = bytes.readSlice(length: min(limit, bytes.readableBytes)) else { return 0 }
            read(piece)
            return piece.readableBytes
        case .status, .integer, .null, .array: return 0
        }
    }
}
