public import NIOCore

extension ByteBuffer {
    /// Appends a text as a JSON string, in quotation marks.
    ///
    /// The quotation mark, the backslash and the control characters U+0000 to U+001F are escaped. All other bytes are
    /// copied, in the longest possible runs.
    ///
    /// - Complexity: O(*n*) in the text's bytes.
    public mutating func writeJSONString(_ text: String) {
        reserveCapacity(minimumWritableBytes: text.utf8.count + 2)
        writeInteger(UInt8(ascii: "\""))
        writeJSONStringContent(text)
        writeInteger(UInt8(ascii: "\""))
    }

    /// Appends a text as the inside of a JSON string, without quotation marks.
    ///
    /// - Complexity: O(*n*) in the text's bytes.
    public mutating func writeJSONStringContent(_ text: String) {
        let text = text.utf8
        let bytes = text.span
        var runStart = 0
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            // Most bytes are lowercase letters, or of characters beyond ASCII.
            guard byte <= UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                writeRun(runStart..<index, of: text)
                writeJSONEscape(of: byte)
                runStart = index + 1
            }
            index += 1
        }
        writeRun(runStart..<bytes.count, of: text)
    }

    private mutating func writeRun(_ range: Range<Int>, of text: String.UTF8View) {
        let start = text.index(text.startIndex, offsetBy: range.lowerBound)
        writeBytes(text[start..<text.index(start, offsetBy: range.count)])
    }

    private mutating func writeJSONEscape(of byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): writeStaticString("\\\"")
        case UInt8(ascii: "\\"): writeStaticString("\\\\")
        case UInt8(ascii: "\n"): writeStaticString("\\n")
        case UInt8(ascii: "\r"): writeStaticString("\\r")
        case UInt8(ascii: "\t"): writeStaticString("\\t")
        default:
            writeStaticString(byte < 0x10 ? "\\u000" : "\\u001")
            let digit = byte & 0x0f
            writeInteger(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
