public import NIOCore

/// A body in chunks that are sent one after the other; making it copies none of them.
public struct GatherList: Sendable {
    /// The chunks, in order.
    public let chunks: [ByteBuffer]
    /// The number of bytes in all chunks.
    public let byteCount: Int

    /// Makes a body of chunks.
    public init(_ chunks: [ByteBuffer]) {
        self.chunks = chunks
        self.byteCount = chunks.reduce(0) { $0 + $1.readableBytes }
    }

    /// Returns the body as one contiguous chunk.
    ///
    /// - Complexity: O(*n*) in the number of bytes: one `memcpy` for each chunk.
    public func joined() -> ByteBuffer {
        guard chunks.count != 1 else { return chunks[0] }
        var buffer = ByteBufferAllocator().buffer(capacity: byteCount)
        for chunk in chunks { buffer.writeImmutableBuffer(chunk) }
        return buffer
    }
}
