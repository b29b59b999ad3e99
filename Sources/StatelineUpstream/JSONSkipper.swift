/// A skipper that walks over JSON text value by value, without reading the values.
///
/// It finds the ends of values and leaves their validation to a decoder. It accepts invalid text, but never mistakes a
/// valid text for another one.
struct JSONSkipper {
    /// The index of the next byte.
    private(set) var offset: Int

    /// Makes a skipper at a byte.
    init(at offset: Int = 0) {
        self.offset = offset
    }

    /// Returns the next byte that is not white space, without taking it.
    mutating func peek(_ bytes: Span<UInt8>) -> UInt8? {
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): offset += 1
            default: return bytes[offset]
            }
        }
        return nil
    }

    /// Takes an expected text after white space; returns `true` if it is there.
    mutating func take(_ text: StaticString, _ bytes: Span<UInt8>) -> Bool {
        let expected = text.description.utf8
        guard peek(bytes) == expected.first, offset + expected.count <= bytes.count else { return false }
        for (index, byte) in expected.enumerated() where bytes[offset + index] != byte { return false }
        offset += expected.count
        return true
    }

    /// Skips the next value.
    ///
    /// - Returns: The range of the value; `nil` if there is none or it does not end.
    mutating func skipValue(_ bytes: Span<UInt8>) -> Range<Int>? {
        guard let first = peek(bytes) else { return nil }
        let start = offset
        let isWhole =
            switch first {
            case UInt8(ascii: "\""): skipString(bytes)
            case UInt8(ascii: "{"), UInt8(ascii: "["): skipContainer(bytes)
            default: skipScalar(bytes)
            }
        return isWhole ? start..<offset : nil
    }

    private mutating func skipString(_ bytes: Span<UInt8>) -> Bool {
        offset += 1
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\\"): offset += 2
            case UInt8(ascii: "\""):
                offset += 1
                return true
            default: offset += 1
            }
        }
        return false
    }

    private mutating func skipContainer(_ bytes: Span<UInt8>) -> Bool {
        var depth = 0
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                offset += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                offset += 1
                if depth == 0 { return true }
            case UInt8(ascii: "\""):
                guard skipString(bytes) else { return false }
            default: offset += 1
            }
        }
        return false
    }

    private mutating func skipScalar(_ bytes: Span<UInt8>) -> Bool {
        let start = offset
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ":"), UInt8(ascii: "\""),
                UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
                return offset > start
            default: offset += 1
            }
        }
        return offset > start
    }
}
