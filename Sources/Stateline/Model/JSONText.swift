internal import NIOCore

/// JSON as text: checked strictly before a lenient reader sees it, and written without one.
///
/// Foundation's decoders keep the first of two equal keys, other readers the last. So a text that one reader has checked
/// could mean something else to another. A text that passes ``validate(_:maximumDepth:)`` has one meaning.
///
/// Source: RFC 8259.
public enum JSONText {
    /// Checks that bytes are one JSON value that every reader understands alike.
    ///
    /// Beyond the grammar it refuses bytes that are not UTF-8, nesting beyond a limit, an escaped half of a surrogate
    /// pair, a member name with more than 30 combining marks in a row, and two members of the same name in one object.
    ///
    /// Names are compared unescaped and as Swift strings. So `"a"` equals `"\u0061"`, and a composed letter equals its
    /// decomposed form: a Swift dictionary keeps one of them.
    ///
    /// - Parameters:
    ///   - bytes: The text; white space may surround the value, a byte order mark may not.
    ///   - maximumDepth: The deepest nesting of arrays and objects. The check recurses as deeply.
    /// - Throws: ``JSONError`` at the first fault; ``JSONError/truncated(offset:)`` if more bytes could mend it.
    /// - Complexity: O(*n*); allocates for the member names of objects alone.
    public static func validate(_ bytes: Span<UInt8>, maximumDepth: Int = 64) throws(JSONError) {
        var scanner = JSONScanner(maximumDepth: maximumDepth, isASCII: try checkUTF8(bytes))
        try scanner.scanDocument(bytes)
    }

    /// Checks a text that a server sent, and lists its values.
    ///
    /// The checks are those of ``validate(_:maximumDepth:)``, but for what harms a reader only if it is read: a string may
    /// escape half of a surrogate pair, and a number within the text may have an odd form. ``JSONExtent`` tells of both.
    ///
    /// - Parameters:
    ///   - bytes: The text, of less than 4 GiB.
    ///   - unread: The names of members whose values are not read, in ASCII. Within these values, two members of an
    ///     object may have the same name, and a name may have any form.
    ///   - maximumDepth: The deepest nesting of arrays and objects.
    /// - Returns: The extents of all values and names. The first is that of the whole text without white space.
    /// - Throws: ``JSONError`` at the first fault; ``JSONError/truncated(offset:)`` if more bytes could mend it.
    /// - Complexity: O(*n*). The list takes 16 bytes for each value and name.
    package static func extents(
        of bytes: Span<UInt8>,
        unread: [String] = [],
        maximumDepth: Int = 64
    ) throws(JSONError) -> [JSONExtent] {
        precondition(bytes.count <= UInt32.max, "a JSON text has less than 4 GiB")
        var scanner = JSONScanner(
            maximumDepth: maximumDepth,
            isASCII: try checkUTF8(bytes),
            unread: unread,
            byteCount: bytes.count
        )
        try scanner.scanDocument(bytes)
        return scanner.extents
    }

    /// Checks that bytes are UTF-8.
    ///
    /// - Returns: `true` if they are known to be ASCII.
    private static func checkUTF8(_ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        do {
            return try UTF8Span(validating: bytes).isKnownASCII
        } catch {
            // Text that breaks off within a character is cut short, not wrong.
            let isCut = error.kind == .truncatedScalar && error.byteOffsets.upperBound == bytes.count
            throw isCut ? .truncated(offset: bytes.count) : .invalidUTF8(offset: error.byteOffsets.lowerBound)
        }
    }

    /// Returns `true` if a text has no more than 30 combining marks in a row.
    ///
    /// Swift compares and hashes strings in their canonical order, and sorts each run of combining marks by insertion:
    /// a run of *n* marks costs O(*n*²). A text from a peer is checked before it becomes a key or an operand of `==`.
    ///
    /// Source: Unicode Standard Annex 15, *Stream-Safe Text Format*.
    ///
    /// - Complexity: O(*n*); one pass over the bytes if the text is ASCII.
    package static func isCheaplyCompared(_ text: String) -> Bool {
        // Each combining mark takes two bytes at least.
        text.utf8.count <= 2 * maximumMarkCount || hasShortRuns(text)
    }

    /// The maximum number of combining marks in a row of a text that is compared.
    private static let maximumMarkCount = 30

    @inline(never)
    private static func hasShortRuns(_ text: String) -> Bool {
        let bytes = text.utf8.span
        guard bytes.indices.contains(where: { bytes[$0] >= 0x80 }) else { return true }
        var run = 0
        for scalar in text.unicodeScalars {
            run = scalar.properties.canonicalCombiningClass == .notReordered ? 0 : run + 1
            if run > maximumMarkCount { return false }
        }
        return true
    }

    /// Returns a text as a JSON string, in quotation marks.
    public static func quoted(_ text: String) -> String {
        var buffer = ByteBuffer()
        buffer.writeJSONString(text)
        return String(buffer: buffer)
    }

    /// Returns the text that the inside of a JSON string stands for, with U+FFFD for each lone half of a surrogate pair.
    ///
    /// - Precondition: ``validate(_:maximumDepth:)`` found no fault in the string.
    package static func unescaped(_ bytes: Span<UInt8>) -> String {
        piece(bytes).repaired
    }

    /// Returns the text that the inside of a JSON string stands for, and the halves of surrogate pairs at its ends.
    ///
    /// - Precondition: ``extents(of:unread:maximumDepth:)`` found no fault in the string.
    package static func piece(_ bytes: Span<UInt8>) -> JSONStringPiece {
        JSONStringPiece(unescaping: bytes)
    }

    /// Returns the text of bytes that were found to be UTF-8.
    ///
    /// - Precondition: The bytes begin and end between two characters.
    package static func string(_ bytes: Span<UInt8>) -> String {
        guard let text = try? UTF8Span(validating: bytes) else { preconditionFailure("UTF-8 was checked before") }
        return String(copying: text)
    }
}
