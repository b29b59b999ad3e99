internal import NIOCore

extension BatchFormat {
    /// The maximum number of bytes that the extensions of a head, or of a crossing, take with their tags and lengths.
    ///
    /// Later heads carry the extensions of a head on, and a crossing is kept until it is recorded: both have to stay
    /// small. An entry and a batch are as large as their content, of which extensions are a part.
    static let maximumExtensionSize = 4 << 10
}

extension ByteBuffer {
    /// Writes extensions, whose tags ascend.
    mutating func writeExtensions(_ extensions: [FormatExtension]) {
        for field in extensions {
            writeInteger(field.tag)
            writeBytes(sized: field.bytes)
        }
    }

    /// Reads extensions to the end.
    ///
    /// - Complexity: O(*k*) in their number; their bytes stay in this buffer's storage.
    mutating func readExtensions(_ field: StaticString) throws(FormatError) -> [FormatExtension] {
        var extensions: [FormatExtension] = []
        while readableBytes > 0 { extensions.append(try readExtension(after: extensions.last?.tag ?? 0, field)) }
        return extensions
    }

    /// Reads extensions of a bounded total size, to the end.
    ///
    /// A critical extension marks the bytes as those of a newer writer, whatever their size.
    ///
    /// - Throws: ``FormatError``, also for more than ``BatchFormat/maximumExtensionSize`` bytes.
    mutating func readBoundedExtensions(_ field: StaticString) throws(FormatError) -> [FormatExtension] {
        let size = readableBytes
        let extensions = try readExtensions(field)
        let limit = BatchFormat.maximumExtensionSize
        guard size <= limit else { throw .malformed("\(field): \(size) unknown bytes, the limit is \(limit)") }
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

extension [FormatExtension] {
    /// `true` if each tag is higher than the one before, as a reader of the stored form requires.
    var haveAscendingTags: Bool { zip(self, dropFirst()).allSatisfy { $0.tag < $1.tag } }

    /// The number of bytes that they take when they are stored.
    ///
    /// - Complexity: O(*n*) in that number.
    var storedSize: Int {
        var buffer = ByteBuffer()
        buffer.writeExtensions(self)
        return buffer.readableBytes
    }
}

extension FormatExtension {
    /// The same extension in storage of its own, so that a long-lived one does not keep its batch in memory.
    var detached: FormatExtension { FormatExtension(tag: tag, bytes: ByteBuffer(bytes: bytes.readableBytesView)) }
}
