internal import NIOCore

/// The part of a request's body that declares the tools; rendered once for a handle.
struct ToolDeclaration: Sendable {
    /// The part; empty where there are no tools, or the dialect declares none.
    let bytes: ByteBuffer
    /// The first four bytes of the part's SHA-256; 0 for an empty part.
    let fingerprint: UInt32

    /// Renders a declaration.
    ///
    /// - Complexity: O(*n*) in the size of the tools.
    init(_ tools: [ToolDefinition], dialect: any Dialect) {
        bytes = tools.isEmpty ? ByteBuffer() : dialect.declaration(of: tools)
        var digest = ByteBuffer()
        if bytes.readableBytes > 0 { Digest.sha256(bytes).write(to: &digest) }
        fingerprint = digest.readInteger() ?? 0
    }

    /// The bytes as pieces of a body.
    var pieces: [ByteBuffer] { bytes.readableBytes > 0 ? [bytes] : [] }
}

extension OpenTurn {
    /// A Boolean value that indicates whether the session's previous request declared the same tools, or like this one
    /// none.
    ///
    /// - Complexity: O(1) on the handle that sent the previous request, whose declaration has the same storage.
    var repeatsTools: Bool {
        // Of the memory, only the tools are copied.
        if let declared = memory?.tools.bytes { return declared == session.tools.bytes }
        return base.head.view.sentTools == session.tools.fingerprint
    }

    /// Counts the bytes of the declaration that the previous request had too.
    ///
    /// - Parameter prefixBytes: The bytes that both requests have in common at their beginning.
    /// - Returns: The bytes after those; 0 where the tools are not the same.
    func repeatedToolBytes(after prefixBytes: Int) -> Int {
        guard repeatsTools else { return 0 }
        let start = rendering.dialect.opening.readableBytes + rendering.byteCount
        return max(0, start + session.tools.bytes.readableBytes - max(start, prefixBytes))
    }
}
