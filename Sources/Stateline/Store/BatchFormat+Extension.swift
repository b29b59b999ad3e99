internal import NIOCore

extension ByteBuffer {
    /// Writes extensions, whose tags ascend.
    mutating func writeExtensions(_ extensions: [FormatExtension]) {
        for field in extensions {
            writeInteger(field.tag)
            writeBytes(sized: field.bytes)
        }
    }

    /// Reads extensions until nothing is left.
    ///
    /// - Complexity: O(*k*) in their number; their bytes stay in this buffer's storage.
    mutating func readExtensions(_ field: StaticString) throws(FormatError) -> [FormatExtension] {
        var extensions: [FormatExtension] = []
        while readableBytes > 0 { extensions.append(try readExtension(after: extensions.last?.tag ?? 0, field)) }
        return extensions
    }

    private mutating func readExtension(
        after previous: UInt8,
        _ field: StaticString
    ) throws(FormatError) -> FormatExtension {
        let tag = try read(UInt8.self, field)
        guard tag >= FormatExtension.firstTag else { throw .unsupported("\(field) \(tag)") }
        guard tag > previous else { throw .invalid(field) }
        return FormatExtension(tag: tag, bytes: try readSized(field))
    }
}

extension FormatExtension {
    /// The same extension in storage of its own: one that is kept for long does not keep the batch it came with.
    var detached: FormatExtension { FormatExtension(tag: tag, bytes: ByteBuffer(bytes: bytes.readableBytesView)) }
}
