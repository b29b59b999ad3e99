/// Figures in rows.
struct Table: Hashable, Sendable {
    /// A column's title and the kind of its cells.
    struct Column: Hashable, Sendable {
        let title: String
        let isNumber: Bool

        static func words(_ title: String) -> Column { Column(title: title, isNumber: false) }
        static func number(_ title: String) -> Column { Column(title: title, isNumber: true) }
    }

    let columns: [Column]
    var rows: [[String]]

    /// The table as HTML; it scrolls within itself on a narrow page.
    var node: Markup {
        let header = columns.map {
            Markup.tag("th", ["scope": "col", "class": $0.isNumber ? "number" : "words"], $0.title)
        }
        let body = rows.map { row in
            Markup.tag(
                "tr",
                [:],
                zip(columns, row).enumerated()
                    .map { index, cell in
                        let style = cell.0.isNumber ? "number" : "words"
                        return index == 0
                            ? .tag("th", ["scope": "row", "class": style], cell.1)
                            : .tag("td", ["class": style], cell.1)
                    }
            )
        }
        return .tag(
            "div",
            // A scrolling element must be reachable without a mouse.
            ["class": "scroll", "tabindex": "0"],
            [.tag("table", [:], [.tag("thead", [:], [.tag("tr", [:], header)]), .tag("tbody", [:], body)])]
        )
    }

    /// The table as Markdown.
    var markdown: String {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
        let rule = "|" + columns.map { $0.isNumber ? "--:|" : "---|" }.joined()
        return
            ([line(columns.map { Markdown.escaped($0.title) }), rule]
            + rows.map { line($0.map { Markdown.escaped($0) }) })
            .joined(separator: "\n")
    }
}
