/// A piece of a page: text, or an element with what is in it.
///
/// Whatever is text is escaped when it is written, so that nothing of an input can become markup.
enum Markup: Sendable {
    case text(String)
    case element(String, [(name: String, value: String)], [Markup])
    /// The page's own style sheet, as it is; never anything of an input.
    case style(String)

    /// An element.
    static func tag(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Markup] = [])
        -> Markup
    {
        .element(name, attributes.map { ($0.key, $0.value) }, children)
    }

    /// An element that holds a text.
    static func tag(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ text: String) -> Markup {
        tag(name, attributes, [.text(text)])
    }

    /// The piece as it is written: HTML that is well-formed XML too.
    var markup: String {
        var output = ""
        write(to: &output)
        return output
    }

    /// Elements that have nothing in them and no end.
    private static let void: Set = ["meta"]

    private func write(to output: inout String) {
        switch self {
        case .text(let text): output += Self.escaped(text)
        case .style(let sheet): output += "<style>\n\(sheet)</style>\n"
        case .element(let name, let attributes, let children):
            output += "<\(name)"
            for (name, value) in attributes { output += " \(name)=\"\(Self.escaped(value))\"" }
            if Self.void.contains(name) {
                output += "/>"
            } else {
                output += ">"
                for child in children { child.write(to: &output) }
                output += "</\(name)>"
            }
            if Self.blocks.contains(name) { output += "\n" }
        }
    }

    /// Elements after which a line ends, for those who read the source.
    private static let blocks: Set = [
        "head", "header", "section", "figure", "svg", "table", "tr", "p", "h2", "h3", "dl", "ul", "meta", "title",
        "div", "g", "details", "main",
    ]

    /// A text that stands for itself in HTML and XML, in an element and in an attribute alike.
    ///
    /// What neither of them may hold, such as a null, becomes U+FFFD.
    static func escaped(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "\n", "\t": output.unicodeScalars.append(scalar)
            case "\0"..<" ", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": output += "\u{FFFD}"
            // What turns the direction of the text around it could make a figure look like another one.
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": output += "\u{FFFD}"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
