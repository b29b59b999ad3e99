/// A part of a page: text, or an element with its content.
///
/// Text is escaped when it is written, so input cannot become markup.
enum Markup: Sendable {
    case text(String)
    case element(String, [(name: String, value: String)], [Markup])
    /// The page's own style sheet, unescaped; never part of an input.
    case style(String)

    /// Makes an element.
    static func tag(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Markup] = [])
        -> Markup
    {
        .element(name, attributes.map { ($0.key, $0.value) }, children)
    }

    /// Makes an element with a text.
    static func tag(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ text: String) -> Markup {
        tag(name, attributes, [.text(text)])
    }

    /// The part as HTML that is well-formed XML too.
    var markup: String {
        var output = ""
        write(to: &output)
        return output
    }

    /// Elements without content and end.
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

    /// Elements that end with a line break, for readers of the source.
    private static let blocks: Set = [
        "head", "header", "section", "figure", "svg", "table", "tr", "p", "h2", "h3", "dl", "ul", "meta", "title",
        "div", "g", "details", "main",
    ]

    /// Escapes a text for HTML and XML, in elements and in attributes.
    ///
    /// Characters that neither of them may hold, such as a null, become U+FFFD.
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
            // Marks that change the direction of the text around them could make a figure look like another one.
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": output += "\u{FFFD}"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
