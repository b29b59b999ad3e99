internal import NIOCore

extension BatchFormat {
    /// The largest count: sums of many do not overflow, and a JSON number holds it exactly.
    static let maximumCount = 1 << 53 - 1
    /// The largest varint.
    static let maximumVarint: Int64 = 1 << 62 - 1
    /// The maximum number of bytes that a varint takes.
    static let maximumVarintSize = 8
}

extension ByteBuffer {
    /// Writes a varint in its shortest form.
    ///
    /// NIO's writer of such integers takes 400 instructions for each, this one 40. A batch has some 40.
    ///
    /// Source: RFC 9000, section 16.
    ///
    /// - Parameter value: A number of at most ``BatchFormat/maximumVarint``.
    private mutating func writeVarint(_ value: UInt64) {
        switch value {
        case ..<(1 << 6): writeInteger(UInt8(truncatingIfNeeded: value))
        case ..<(1 << 14): writeInteger(UInt16(truncatingIfNeeded: value) | 1 << 14)
        case ..<(1 << 30): writeInteger(UInt32(truncatingIfNeeded: value) | 2 << 30)
        default: writeInteger(value | 3 << 62)
        }
    }

    mutating func writeCount(_ count: Int) {
        writeVarint(UInt64(Swift.min(Swift.max(count, 0), BatchFormat.maximumCount)))
    }

    mutating func writeRevision(_ revision: Revision) {
        writeVarint(Swift.min(revision.rawValue, UInt64(BatchFormat.maximumCount)))
    }

    /// Writes a duration in whole nanoseconds.
    mutating func writeTime(_ time: Duration) {
        writeVarint(UInt64(time.wholeNanoseconds))
    }

    mutating func writeText(_ text: String) {
        writeVarint(UInt64(text.utf8.count))
        writeString(text)
    }

    /// Writes the longest prefix of a text, in whole scalars, that is within a limit of bytes.
    mutating func writeText(_ text: String, limit: Int) {
        guard text.utf8.count > limit else { return writeText(text) }
        let cut = text.utf8.index(text.startIndex, offsetBy: limit)
        writeText(String(text.unicodeScalars[..<cut]))
    }

    mutating func writeBytes(sized bytes: ByteBuffer) {
        writeVarint(UInt64(bytes.readableBytes))
        writeImmutableBuffer(bytes)
    }

    /// Writes a field after its length, for which bytes are reserved; a field whose length takes more bytes is moved.
    mutating func writeSized(
        _ length: ByteBuffer.QUICBinaryEncodingStrategy.IntegerLength,
        _ body: (inout ByteBuffer) -> Void
    ) {
        writeLengthPrefixed(strategy: .quic(requiredBytesHint: length)) { buffer in
            let start = buffer.writerIndex
            body(&buffer)
            return buffer.writerIndex - start
        }
    }
}

extension ByteBuffer {
    mutating func read<T: FixedWidthInteger>(_ type: T.Type, _ field: StaticString) throws(FormatError) -> T {
        guard let value = readInteger(as: type) else { throw .missing(field) }
        return value
    }

    mutating func readDigest(_ field: StaticString) throws(FormatError) -> Digest {
        guard let digest = Digest(from: &self) else { throw .missing(field) }
        return digest
    }

    mutating func readCount(_ field: StaticString) throws(FormatError) -> Int {
        guard let count = readEncodedInteger(as: Int.self, strategy: .quic) else { throw .missing(field) }
        guard count <= BatchFormat.maximumCount else { throw .invalid(field) }
        return count
    }

    mutating func readRevision(_ field: StaticString) throws(FormatError) -> Revision {
        Revision(rawValue: UInt64(try readCount(field)))
    }

    mutating func readTime(_ field: StaticString) throws(FormatError) -> Duration {
        guard let time = readEncodedInteger(as: Int64.self, strategy: .quic) else { throw .missing(field) }
        return .nanoseconds(time)
    }

    /// Reads a length *n* and *n* bytes, which stay in this buffer's storage.
    mutating func readSized(_ field: StaticString) throws(FormatError) -> ByteBuffer {
        guard let slice = readLengthPrefixedSlice(strategy: .quic) else { throw .missing(field) }
        return slice
    }

    mutating func readText(_ field: StaticString) throws(FormatError) -> String {
        guard let length = readEncodedInteger(as: Int.self, strategy: .quic), length <= readableBytes else {
            throw .missing(field)
        }
        guard let text = try? readUTF8ValidatedString(length: length) else { throw .invalid(field) }
        return text
    }

    /// Reads a text that ``writeText(_:limit:)`` wrote.
    mutating func readText(_ field: StaticString, limit: Int) throws(FormatError) -> String {
        let text = try readText(field)
        guard text.utf8.count <= limit else { throw .invalid(field) }
        return text
    }

    mutating func readFlags(_ known: UInt8, _ field: StaticString) throws(FormatError) -> UInt8 {
        let flags = try read(UInt8.self, field)
        guard flags & ~known == 0 else { throw .unsupported("\(field) \(flags)") }
        return flags
    }

    /// Reads items to the end.
    mutating func readAll<T>(_ item: (inout ByteBuffer) throws(FormatError) -> T) throws(FormatError) -> [T] {
        var items: [T] = []
        while readableBytes > 0 { items.append(try item(&self)) }
        return items
    }

    /// Refuses bytes after the last field.
    func expectEnd(of field: StaticString) throws(FormatError) {
        guard readableBytes == 0 else { throw .malformed("unexpected bytes after the \(field)") }
    }
}

extension Duration {
    /// The whole nanoseconds, within the bounds of a varint.
    var wholeNanoseconds: Int64 {
        let bounded = Swift.min(Swift.max(self, .zero), .nanoseconds(BatchFormat.maximumVarint))
        let (seconds, attoseconds) = bounded.components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}

extension FormatError {
    static func missing(_ field: StaticString) -> FormatError { .malformed("the bytes end within the \(field)") }
    static func invalid(_ field: StaticString) -> FormatError { .malformed("the \(field) is not valid") }
}
