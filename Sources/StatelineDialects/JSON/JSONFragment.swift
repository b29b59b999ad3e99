internal import NIOCore
internal import Stateline

/// A value within checked JSON text, as the bytes it came in.
///
/// Foundation's decoders do not give back the bytes of a value. A fragment does, so that a provider's members can be kept
/// to the letter, and a chunk of a stream costs a walk over its bytes instead of a decoder.
///
/// - Complexity: ``members`` and ``elements`` are O(*n*) in the value's bytes and share its storage.
struct JSONFragment: Hashable, Sendable {
    /// The value's text, without white space around it.
    let bytes: ByteBuffer

    /// Checks a text.
    init(validating text: ByteBuffer) throws(JSONError) {
        let span = text.readableBytesUInt8Span
        try JSONText.validate(span)
        let start = Self.skipSpace(span, from: 0)
        self.bytes = Self.slice(text, start..<Self.endOfValue(span, from: start))
    }

    private init(checked bytes: ByteBuffer) {
        self.bytes = bytes
    }

    private var firstByte: UInt8? { bytes.getInteger(at: bytes.readerIndex) }

    /// `true` if this is `null`.
    var isNull: Bool { firstByte == UInt8(ascii: "n") }

    /// The text of a string; `nil` of anything else.
    var string: String? {
        guard firstByte == UInt8(ascii: "\"") else { return nil }
        let span = bytes.readableBytesUInt8Span
        return JSONText.unescaped(span.extracting(1..<span.count - 1))
    }

    /// The text of a string that is compared with other texts, such as a name or an id.
    ///
    /// It is `nil` of anything else, and of a text that costs more than its length to compare; see
    /// `JSONText.isCheaplyCompared(_:)`.
    var word: String? {
        string.flatMap { JSONText.isCheaplyCompared($0) ? $0 : nil }
    }

    /// The value of a number that is whole and not too large; `nil` of anything else.
    var integer: Int? {
        guard let firstByte, firstByte == UInt8(ascii: "-") || UInt8(ascii: "0")...UInt8(ascii: "9") ~= firstByte else {
            return nil
        }
        let text = String(buffer: bytes)
        return Int(text) ?? Double(text).flatMap(Int.init(exactly:))
    }

    /// The elements of an array; `nil` of anything else.
    var elements: [JSONFragment]? {
        guard firstByte == UInt8(ascii: "[") else { return nil }
        let span = bytes.readableBytesUInt8Span
        var elements: [JSONFragment] = []
        var index = Self.skipSpace(span, from: 1)
        while span[index] != UInt8(ascii: "]") {
            elements.append(value(span, &index))
        }
        return elements
    }

    /// The members of an object, in order; `nil` of anything else.
    var members: [(name: String, value: JSONFragment)]? {
        guard firstByte == UInt8(ascii: "{") else { return nil }
        let span = bytes.readableBytesUInt8Span
        var members: [(name: String, value: JSONFragment)] = []
        var index = Self.skipSpace(span, from: 1)
        while span[index] != UInt8(ascii: "}") {
            let nameEnd = Self.endOfValue(span, from: index)
            let name = JSONText.unescaped(span.extracting(index + 1..<nameEnd - 1))
            let colon = Self.skipSpace(span, from: nameEnd)
            index = Self.skipSpace(span, from: colon + 1)
            members.append((name, value(span, &index)))
        }
        return members
    }

    /// The value of a member that is there and not `null`.
    ///
    /// - Complexity: O(*n*) in the object's bytes. Take ``members`` once to look at several of them.
    subscript(name: String) -> JSONFragment? {
        members?.value(of: name)
    }

    // MARK: Walking checked text

    /// Takes the value at `index` and moves to the next value or the closing bracket.
    private func value(_ span: Span<UInt8>, _ index: inout Int) -> JSONFragment {
        let end = Self.endOfValue(span, from: index)
        countSteps(end - index)
        let value = JSONFragment(checked: Self.slice(bytes, index..<end))
        index = Self.skipSpace(span, from: end)
        if span[index] == UInt8(ascii: ",") { index = Self.skipSpace(span, from: index + 1) }
        return value
    }

    private static func slice(_ buffer: ByteBuffer, _ range: Range<Int>) -> ByteBuffer {
        guard let slice = buffer.getSlice(at: buffer.readerIndex + range.lowerBound, length: range.count) else {
            preconditionFailure("a value beyond its text")
        }
        return slice
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
    }

    private static func skipSpace(_ span: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < span.count, isSpace(span[index]) { index += 1 }
        return index
    }

    private static func endOfValue(_ span: Span<UInt8>, from start: Int) -> Int {
        switch span[start] {
        case UInt8(ascii: "\""): endOfString(span, from: start)
        case UInt8(ascii: "{"), UInt8(ascii: "["): endOfContainer(span, from: start)
        default: endOfWord(span, from: start)
        }
    }

    private static func endOfString(_ span: Span<UInt8>, from start: Int) -> Int {
        var index = start + 1
        while span[index] != UInt8(ascii: "\"") { index += span[index] == UInt8(ascii: "\\") ? 2 : 1 }
        return index + 1
    }

    private static func endOfContainer(_ span: Span<UInt8>, from start: Int) -> Int {
        var index = start
        var depth = 0
        repeat {
            switch span[index] {
            case UInt8(ascii: "\""):
                index = endOfString(span, from: index)
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            index += 1
        } while depth > 0
        return index
    }

    private static func endOfWord(_ span: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < span.count {
            switch span[index] {
            case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"): return index
            case let byte where isSpace(byte): return index
            default: index += 1
            }
        }
        return index
    }
}

extension [(name: String, value: JSONFragment)] {
    /// Returns the value of a member; `nil` if it is missing or `null`.
    func value(of name: String) -> JSONFragment? {
        first { $0.name == name && !$0.value.isNull }?.value
    }
}
