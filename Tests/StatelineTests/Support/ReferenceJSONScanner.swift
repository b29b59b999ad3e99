import Foundation
import Stateline

/// A scanner that checks JSON text by the shortest way, as the model of the real one.
///
/// It holds each name as a string and knows nothing of extents. Foundation judges what is JSON beside both; see
/// `JSONTextTests`.
struct ReferenceJSONScanner {
    /// The deepest nesting of arrays and objects.
    let maximumDepth: Int
    /// The byte that is looked at next.
    private var offset = 0
    /// The number of open arrays and objects.
    private var depth = 0

    init(maximumDepth: Int) {
        self.maximumDepth = maximumDepth
    }

    /// Returns the fault of bytes that are known to be UTF-8; `nil` if they are JSON.
    static func fault(_ bytes: [UInt8], maximumDepth: Int = 64) -> JSONError? {
        var scanner = ReferenceJSONScanner(maximumDepth: maximumDepth)
        do throws(JSONError) {
            try scanner.scanDocument(bytes.span)
            return nil
        } catch {
            return error
        }
    }

    /// Scans one value with white space around it, and nothing else.
    mutating func scanDocument(_ bytes: Span<UInt8>) throws(JSONError) {
        skipSpace(bytes)
        try scanValue(bytes)
        skipSpace(bytes)
        guard offset == bytes.count else { throw .syntax(offset: offset) }
    }

    private mutating func skipSpace(_ bytes: Span<UInt8>) {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0a, 0x0d: offset += 1
            default: return
            }
        }
    }

    private func peek(_ bytes: Span<UInt8>) throws(JSONError) -> UInt8 {
        guard offset < bytes.count else { throw .truncated(offset: offset) }
        return bytes[offset]
    }

    private mutating func expect(_ byte: UInt8, _ bytes: Span<UInt8>) throws(JSONError) {
        guard try peek(bytes) == byte else { throw .syntax(offset: offset) }
        offset += 1
    }

    private mutating func scanValue(_ bytes: Span<UInt8>) throws(JSONError) {
        switch try peek(bytes) {
        case UInt8(ascii: "{"): try scanObject(bytes)
        case UInt8(ascii: "["): try scanArray(bytes)
        case UInt8(ascii: "\""): _ = try scanString(bytes)
        case UInt8(ascii: "t"): try scanWord("true", bytes)
        case UInt8(ascii: "f"): try scanWord("false", bytes)
        case UInt8(ascii: "n"): try scanWord("null", bytes)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try scanNumber(bytes)
        default: throw .syntax(offset: offset)
        }
    }

    private mutating func scanWord(_ word: StaticString, _ bytes: Span<UInt8>) throws(JSONError) {
        for letter in "\(word)".utf8 { try expect(letter, bytes) }
    }

    // MARK: Arrays and objects

    private mutating func open() throws(JSONError) {
        offset += 1
        depth += 1
        guard depth <= maximumDepth else { throw .nestedTooDeeply(limit: maximumDepth) }
    }

    private mutating func close() {
        offset += 1
        depth -= 1
    }

    private mutating func scanArray(_ bytes: Span<UInt8>) throws(JSONError) {
        try open()
        skipSpace(bytes)
        guard try peek(bytes) != UInt8(ascii: "]") else { return close() }
        while true {
            skipSpace(bytes)
            try scanValue(bytes)
            skipSpace(bytes)
            if try peek(bytes) == UInt8(ascii: "]") { return close() }
            try expect(UInt8(ascii: ","), bytes)
        }
    }

    private mutating func scanObject(_ bytes: Span<UInt8>) throws(JSONError) {
        try open()
        skipSpace(bytes)
        guard try peek(bytes) != UInt8(ascii: "}") else { return close() }
        var keys = KeySet()
        while true {
            skipSpace(bytes)
            try scanKey(bytes, into: &keys)
            skipSpace(bytes)
            try expect(UInt8(ascii: ":"), bytes)
            skipSpace(bytes)
            try scanValue(bytes)
            skipSpace(bytes)
            if try peek(bytes) == UInt8(ascii: "}") { return close() }
            try expect(UInt8(ascii: ","), bytes)
        }
    }

    private mutating func scanKey(_ bytes: Span<UInt8>, into keys: inout KeySet) throws(JSONError) {
        guard try peek(bytes) == UInt8(ascii: "\"") else { throw .syntax(offset: offset) }
        let start = offset + 1
        let isEscaped = try scanString(bytes)
        let content = bytes.extracting(start..<offset - 1)
        let key = isEscaped ? Self.unescaped(content) : Self.string(content)
        guard Self.isCheaplyCompared(key) else { throw .tooManyCombiningMarks(offset: start) }
        guard keys.insert(key) else { throw .duplicateKey(key) }
    }

    private static func isCheaplyCompared(_ text: String) -> Bool {
        var run = 0
        for scalar in text.unicodeScalars {
            run = scalar.properties.canonicalCombiningClass == .notReordered ? 0 : run + 1
            if run > 30 { return false }
        }
        return true
    }

    /// The names of one object: a list while they are few, a hash table beyond.
    private struct KeySet {
        private var few: [String] = []
        private var many: Set<String> = []

        /// Adds a name, unless it is there already.
        mutating func insert(_ key: String) -> Bool {
            guard few.count == 16 else {
                guard !few.contains(key) else { return false }
                few.append(key)
                return true
            }
            if many.isEmpty { many = Set(few) }
            return many.insert(key).inserted
        }
    }

    // MARK: Strings

    /// Scans a string with its quotation marks.
    ///
    /// - Returns: `true` if there are escapes in it.
    private mutating func scanString(_ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        offset += 1
        var isEscaped = false
        while true {
            switch try peek(bytes) {
            case UInt8(ascii: "\""):
                offset += 1
                return isEscaped
            case UInt8(ascii: "\\"):
                isEscaped = true
                try scanEscape(bytes)
            case 0x00..<0x20:
                throw .syntax(offset: offset)
            default:
                offset += 1
            }
        }
    }

    private mutating func scanEscape(_ bytes: Span<UInt8>) throws(JSONError) {
        let start = offset
        offset += 1
        switch try peek(bytes) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 1
        case UInt8(ascii: "u"):
            let unit = try scanCodeUnit(bytes)
            if UTF16.isTrailSurrogate(unit) { throw .loneSurrogate(offset: start) }
            guard UTF16.isLeadSurrogate(unit) else { return }
            guard try peek(bytes) == UInt8(ascii: "\\") else { throw .loneSurrogate(offset: start) }
            offset += 1
            guard try peek(bytes) == UInt8(ascii: "u") else { throw .loneSurrogate(offset: start) }
            guard UTF16.isTrailSurrogate(try scanCodeUnit(bytes)) else { throw .loneSurrogate(offset: start) }
        default:
            throw .syntax(offset: offset)
        }
    }

    /// Scans `uXXXX`.
    private mutating func scanCodeUnit(_ bytes: Span<UInt8>) throws(JSONError) -> UInt16 {
        offset += 1
        var unit: UInt16 = 0
        for _ in 0..<4 {
            let letter = Character(UnicodeScalar(try peek(bytes)))
            guard letter.isASCII, let digit = letter.hexDigitValue else { throw .syntax(offset: offset) }
            unit = unit << 4 | UInt16(digit)
            offset += 1
        }
        return unit
    }

    /// Returns the text of bytes that were found to be UTF-8.
    private static func string(_ bytes: Span<UInt8>) -> String {
        guard let text = try? UTF8Span(validating: bytes) else { preconditionFailure("UTF-8 was checked before") }
        return String(copying: text)
    }

    /// Returns the text of a string's content that was found to be well formed, as Foundation reads it.
    static func unescaped(_ bytes: Span<UInt8>) -> String {
        let quoted = Data("\"\(string(bytes))\"".utf8)
        guard let text = try? JSONSerialization.jsonObject(with: quoted, options: .fragmentsAllowed) as? String else {
            preconditionFailure("the content was checked before")
        }
        return text
    }

    // MARK: Numbers

    private mutating func scanNumber(_ bytes: Span<UInt8>) throws(JSONError) {
        if bytes[offset] == UInt8(ascii: "-") { offset += 1 }
        if try peek(bytes) == UInt8(ascii: "0") { offset += 1 } else { try scanDigits(bytes) }
        if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
            offset += 1
            try scanDigits(bytes)
        }
        guard offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") else { return }
        offset += 1
        let sign = try peek(bytes)
        if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { offset += 1 }
        try scanDigits(bytes)
    }

    /// Scans one digit or more.
    private mutating func scanDigits(_ bytes: Span<UInt8>) throws(JSONError) {
        guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= (try peek(bytes)) else { throw .syntax(offset: offset) }
        while offset < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[offset] { offset += 1 }
    }
}
