/// A finder of the end of one JSON object or array, in pieces of text.
///
/// It counts brackets and looks at no grammar: a text whose end it has found can still be malformed.
struct JSONEnd: Sendable {
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// `true` once the first bracket has come.
    private(set) var hasBegun = false

    /// `true` if the bracket that closes the first one has come.
    var isFound: Bool { hasBegun && depth == 0 }

    /// Takes one byte.
    ///
    /// - Returns: `true` if it closes the first bracket.
    mutating func advance(over byte: UInt8) -> Bool {
        if isInString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
            return false
        }
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            hasBegun = true
            depth += 1
            return false
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            guard depth > 0 else { return false }
            depth -= 1
            return depth == 0
        case UInt8(ascii: "\""):
            isInString = depth > 0
            return false
        default:
            return false
        }
    }

    /// Takes a piece of text.
    mutating func advance(over text: String) {
        for byte in text.utf8 { _ = advance(over: byte) }
    }
}
