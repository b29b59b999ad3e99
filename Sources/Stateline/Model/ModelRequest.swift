public import NIOCore

/// What crosses the line in one call: all that the model will know.
public struct ModelRequest: Sendable {
    /// The HTTP method; always `POST` in the dialects there are.
    public let method = "POST"
    /// The path below the provider's base URL.
    public let path: String
    /// The headers, those of authentication aside.
    public let headers: [(name: String, value: String)]
    /// The body.
    public let body: GatherList
    /// The entries that the body carries, for models that need no bytes.
    public let transcript: Transcript
    /// The tools that the model may call.
    public let tools: [ToolDefinition]
    /// How to generate.
    public let options: GenerationOptions
    /// Whether the answer is wanted in pieces.
    public let isStreamed: Bool
    /// Bytes of the body that the session's previous request had too: ``prefixBytes``, and the declaration of the tools
    /// if it is the same.
    public let sentAgainBytes: Int
    /// Leading bytes of the body that are a prefix of the session's previous request: what a provider's prefix cache can
    /// read.
    public let prefixBytes: Int

    /// Bytes of the body that the previous request did not have.
    public var newBytes: Int { body.byteCount - sentAgainBytes }
}

/// A body in pieces that are sent one after the other; none is copied to make it.
public struct GatherList: Sendable {
    /// The pieces, in order.
    public let chunks: [ByteBuffer]
    /// How many bytes there are in all.
    public let byteCount: Int

    /// Makes a body of pieces.
    public init(_ chunks: [ByteBuffer]) {
        self.chunks = chunks
        self.byteCount = chunks.reduce(0) { $0 + $1.readableBytes }
    }

    /// The body as one contiguous piece.
    ///
    /// - Complexity: O(*n*) in the number of bytes: one `memcpy` for each piece.
    public func joined() -> ByteBuffer {
        guard chunks.count != 1 else { return chunks[0] }
        var buffer = ByteBufferAllocator().buffer(capacity: byteCount)
        for chunk in chunks { buffer.writeImmutableBuffer(chunk) }
        return buffer
    }
}
