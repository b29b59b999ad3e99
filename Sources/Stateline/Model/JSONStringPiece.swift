/// The text of a JSON string that a provider may have cut from a longer one within a surrogate pair.
///
/// A lead surrogate at the end of one delta's string and the trail surrogate at the beginning of the next are one
/// character. Halves elsewhere stand for no character, and become U+FFFD.
package struct JSONStringPiece: Hashable, Sendable {
    /// The trail surrogate that the string begins with and whose lead is not in it.
    package let trail: UInt16?
    /// The text between the two halves.
    package let text: String
    /// The lead surrogate that the string ends with.
    package let lead: UInt16?

    /// Makes a piece without halves at its ends.
    package init(_ text: String) {
        (self.trail, self.text, self.lead) = (nil, text, nil)
    }

    /// Reads the inside of a string that was found to be well formed but for halves of surrogate pairs.
    ///
    /// - Complexity: O(*n*) in the bytes.
    init(unescaping bytes: Span<UInt8>) {
        var (trail, lead): (UInt16?, UInt16?) = (nil, nil)
        // No escape is shorter than its character.
        let text = [UInt8](capacity: bytes.count) { text in
            var index = 0
            while index < bytes.count {
                if bytes[index] != UInt8(ascii: "\\") {
                    text.append(bytes[index])
                    index += 1
                } else if let unit = Self.codeUnit(bytes, at: index) {
                    let second = Self.codeUnit(bytes, at: index + 6)
                    index += 6
                    if let scalar = Unicode.Scalar(unit) {
                        Self.append(scalar, to: &text)
                    } else if UTF16.isLeadSurrogate(unit), let second, UTF16.isTrailSurrogate(second) {
                        Self.append(Self.scalar(unit, second), to: &text)
                        index += 6
                    } else if index == 6, UTF16.isTrailSurrogate(unit) {
                        trail = unit
                    } else if index == bytes.count, UTF16.isLeadSurrogate(unit) {
                        lead = unit
                    } else {
                        Self.append("\u{fffd}", to: &text)
                    }
                } else {
                    text.append(Self.character(ofEscape: bytes[index + 1]))
                    index += 2
                }
            }
        }
        (self.trail, self.text, self.lead) = (trail, JSONText.string(text.span), lead)
    }

    /// The text, with U+FFFD in the place of a half at an end.
    package var repaired: String {
        guard trail != nil || lead != nil else { return text }
        return (trail == nil ? "" : "\u{fffd}") + text + (lead == nil ? "" : "\u{fffd}")
    }

    /// `true` if the string is empty.
    package var isEmpty: Bool { trail == nil && text.isEmpty && lead == nil }

    /// Returns the character of a surrogate pair.
    package static func scalar(_ lead: UInt16, _ trail: UInt16) -> Unicode.Scalar {
        let value = 0x10000 + (UInt32(lead & 0x3ff) << 10 | UInt32(trail & 0x3ff))
        guard let scalar = Unicode.Scalar(value) else { preconditionFailure("a pair of halves is a character") }
        return scalar
    }

    // MARK: Escapes

    private static func append(_ scalar: Unicode.Scalar, to text: inout OutputSpan<UInt8>) {
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { text.append(byte) }
    }

    /// Returns the code unit of an escape with four digits; `nil` if there is none at the place.
    private static func codeUnit(_ bytes: Span<UInt8>, at index: Int) -> UInt16? {
        guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") else {
            return nil
        }
        return (2..<6).reduce(0) { $0 << 4 | (hexDigit(bytes[index + $1]) ?? 0) }
    }

    static func hexDigit(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    private static func character(ofEscape letter: UInt8) -> UInt8 {
        switch letter {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0c
        case UInt8(ascii: "n"): 0x0a
        case UInt8(ascii: "r"): 0x0d
        case UInt8(ascii: "t"): 0x09
        default: letter
        }
    }
}
