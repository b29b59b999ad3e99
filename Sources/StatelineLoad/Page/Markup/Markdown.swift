/// Functions that escape text for Markdown.
enum Markdown {
    /// Returns a text on one line in which nothing is markup, also in a table's cell.
    static func escaped(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", "`", "*", "_", "[", "]", "|", "#", "~":
                output += "\\"
                output.unicodeScalars.append(scalar)
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\n", "\t": output += " "
            case "\0"..<" ", "\u{7F}"..."\u{9F}": output += "\u{FFFD}"
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": output += "\u{FFFD}"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
