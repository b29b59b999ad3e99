internal import NIOCore

/// The part of a request's body that declares the tools; rendered once for a handle.
struct ToolDeclaration: Sendable {
    /// The part; empty if there are no tools, or if the dialect declares none.
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

    /// `true` if a body holds the part.
    var isDeclared: Bool { bytes.readableBytes > 0 }
}
