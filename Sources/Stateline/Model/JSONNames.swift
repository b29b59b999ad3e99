/// The member names of the objects that are open at one moment, to find two of the same name.
///
/// Names in ASCII without escapes are compared as bytes while they are few. Others are compared as Swift strings. All
/// objects share one list, so that an object needs no memory of its own.
struct JSONNames {
    /// The names of one object.
    struct Scope {
        /// The place of its first name in the list.
        fileprivate var first = 0
        /// All of its names, if there are many or some are not plain; empty otherwise.
        fileprivate var texts: Set<String> = []
    }

    /// The contents of plain names, as places in the text.
    private var plain: [Range<Int>] = []
    /// The innermost object.
    private var scope = Scope()

    /// The largest number of names that are compared one by one.
    private static let fewCount = 16

    /// Begins an object.
    ///
    /// - Returns: The enclosing object, for ``close(restoring:)``.
    mutating func open() -> Scope {
        if plain.isEmpty { plain.reserveCapacity(Self.fewCount) }
        defer { scope = Scope(first: plain.count) }
        return scope
    }

    /// Ends an object.
    mutating func close(restoring outer: Scope) {
        plain.removeLast(plain.count - scope.first)
        scope = outer
    }

    /// Adds a name.
    ///
    /// - Parameters:
    ///   - name: The place of the name between its quotation marks.
    ///   - isEscaped: `true` if there are escapes in it.
    ///   - isASCII: `true` if the whole text is ASCII.
    ///   - bytes: The text.
    /// - Throws: ``JSONError/duplicateKey(_:)`` or ``JSONError/tooManyCombiningMarks(offset:)``.
    mutating func add(
        _ name: Range<Int>,
        isEscaped: Bool,
        isASCII: Bool,
        _ bytes: Span<UInt8>
    ) throws(JSONError) {
        let isPlain = !isEscaped && (isASCII || Self.isASCII(bytes, name))
        guard isPlain, scope.texts.isEmpty, plain.count - scope.first < Self.fewCount else {
            return try add(text: Self.text(bytes, name, isEscaped: isEscaped), at: name.lowerBound, bytes)
        }
        for index in scope.first..<plain.count where Self.equal(bytes, plain[index], name) {
            throw .duplicateKey(Self.text(bytes, name, isEscaped: false))
        }
        plain.append(name)
    }

    private mutating func add(text: String, at offset: Int, _ bytes: Span<UInt8>) throws(JSONError) {
        guard JSONText.isCheaplyCompared(text) else { throw .tooManyCombiningMarks(offset: offset) }
        if scope.texts.isEmpty {
            for index in scope.first..<plain.count {
                scope.texts.insert(Self.text(bytes, plain[index], isEscaped: false))
            }
        }
        guard scope.texts.insert(text).inserted else { throw .duplicateKey(text) }
    }

    private static func text(_ bytes: Span<UInt8>, _ name: Range<Int>, isEscaped: Bool) -> String {
        let content = bytes.extracting(name)
        return isEscaped ? JSONText.unescaped(content) : JSONText.string(content)
    }

    private static func isASCII(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for index in range where bytes[index] >= 0x80 { return false }
        return true
    }

    private static func equal(_ bytes: Span<UInt8>, _ a: Range<Int>, _ b: Range<Int>) -> Bool {
        guard a.count == b.count else { return false }
        for index in 0..<a.count where bytes[a.lowerBound + index] != bytes[b.lowerBound + index] { return false }
        return true
    }

    /// Returns `true` if the bytes at a place are those of a text of the same length.
    static func equal(_ bytes: Span<UInt8>, _ place: Range<Int>, _ text: String) -> Bool {
        let text = text.utf8.span
        for index in 0..<place.count where bytes[place.lowerBound + index] != text[index] { return false }
        return true
    }
}
