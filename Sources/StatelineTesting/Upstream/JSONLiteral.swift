/// JSON text of values, for answers that are written by hand because they are written thousands of times a second.
enum JSONLiteral {
    /// A string with quotes and escapes.
    ///
    /// Source: RFC 8259, section 7.
    static func string(_ text: some StringProtocol) -> String {
        var json = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": json += "\\\""
            case "\\": json += "\\\\"
            case "\n": json += "\\n"
            case "\r": json += "\\r"
            case "\t": json += "\\t"
            case "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: json.unicodeScalars.append(scalar)
            }
        }
        return json + "\""
    }

    /// A string, or `null`.
    static func string(orNull text: String?) -> String {
        text.map { string($0) } ?? "null"
    }
}
