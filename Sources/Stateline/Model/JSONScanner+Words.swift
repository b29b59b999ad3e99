extension JSONScanner {
    /// Scans a number, `true`, `false` or `null`.
    ///
    /// A lenient scanner takes a number in an odd form as well, but not as the whole text.
    mutating func scanWord(_ bytes: Span<UInt8>) throws(JSONError) -> JSONExtent.Kind {
        let start = offset
        let kind: JSONExtent.Kind
        do throws(JSONError) {
            kind = try scanStandardWord(bytes)
        } catch {
            guard isLenient, depth > 0, let end = try Self.endOfOddNumber(bytes, from: start) else { throw error }
            offset = end
            return .oddNumber
        }
        guard isLenient, depth > 0, offset < bytes.count, Self.isWordByte(bytes[offset]),
            let end = try Self.endOfOddNumber(bytes, from: start)
        else { return kind }
        offset = end
        return .oddNumber
    }

    private mutating func scanStandardWord(_ bytes: Span<UInt8>) throws(JSONError) -> JSONExtent.Kind {
        switch try peek(bytes) {
        case UInt8(ascii: "t"):
            try scan("true", bytes)
            return .yes
        case UInt8(ascii: "f"):
            try scan("false", bytes)
            return .no
        case UInt8(ascii: "n"):
            try scan("null", bytes)
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try scanNumber(bytes)
            return .number
        default:
            throw .syntax(offset: offset)
        }
    }

    private mutating func scan(_ word: String, _ bytes: Span<UInt8>) throws(JSONError) {
        for letter in word.utf8 { try expect(letter, bytes) }
    }

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
        guard Self.isDigit(try peek(bytes)) else { throw .syntax(offset: offset) }
        while offset < bytes.count, Self.isDigit(bytes[offset]) { offset += 1 }
    }

    // MARK: Odd numbers

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// Returns the end of a number in one of the forms that servers write and RFC 8259 does not allow.
    ///
    /// These are `NaN`, `Infinity` and `inf` in any case, and digits in any order with signs, points and exponents, such
    /// as `01`, `+1` or `.5`.
    ///
    /// - Returns: `nil` if there is no such number.
    /// - Throws: ``JSONError/truncated(offset:)`` if the text ends within it.
    private static func endOfOddNumber(_ bytes: Span<UInt8>, from start: Int) throws(JSONError) -> Int? {
        var end = start
        var digits = 0
        var letters = 0
        while end < bytes.count, isWordByte(bytes[end]) {
            switch bytes[end] {
            case let byte where isDigit(byte): digits += 1
            case UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"): break
            default: letters += 1
            }
            end += 1
        }
        let isCut = end == bytes.count
        guard letters > 0 ? isName(bytes, start..<end, isCut: isCut) : digits > 0 || isCut && end > start else {
            return nil
        }
        if isCut { throw .truncated(offset: end) }
        return end
    }

    /// Returns `true` if a word is a name of no finite number, with a sign or without, or the beginning of one if it is cut.
    private static func isName(_ bytes: Span<UInt8>, _ word: Range<Int>, isCut: Bool) -> Bool {
        let isSigned = bytes[word.lowerBound] == UInt8(ascii: "-") || bytes[word.lowerBound] == UInt8(ascii: "+")
        let start = word.lowerBound + (isSigned ? 1 : 0)
        return ["nan", "inf", "infinity"]
            .contains { name in
                let name = name.utf8.span
                let length = word.upperBound - start
                guard isCut ? length <= name.count : length == name.count else { return false }
                for index in 0..<length where bytes[start + index] | 0x20 != name[index] { return false }
                return true
            }
    }
}
