/// A page of sections, written as one HTML file.
struct Page {
    let sections: [Section]

    var html: String {
        let title = "Stateline: " + sections.map(\.title).joined(separator: ", ")
        let head = Markup.tag(
            "head",
            [:],
            [
                .tag("meta", ["charset": "utf-8"]),
                .tag(
                    "meta",
                    [
                        "http-equiv": "Content-Security-Policy",
                        // The style sheet is part of the page, which needs nothing else.
                        "content": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
                    ]
                ),
                .tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                .tag("meta", ["name": "color-scheme", "content": "light dark"]),
                .tag("title", [:], title),
                .style(Stylesheet.text),
            ]
        )
        let header = Markup.tag("header", [:], [.tag("p", ["class": "brand"], "Stateline"), contents])
        let body = Markup.tag(
            "body",
            [:],
            [.tag("main", [:], [header] + sections.enumerated().map { section($1, number: $0 + 1) })]
        )
        return "<!DOCTYPE html>\n" + Markup.tag("html", ["lang": "en"], [head, body]).markup
    }

    /// Links to the sections, if there is more than one.
    private var contents: Markup {
        guard sections.count > 1 else { return .tag("p", ["class": "contents"], "Report") }
        let links = sections.enumerated()
            .map { Markup.tag("li", [:], [.tag("a", ["href": "#section-\($0 + 1)"], "\($1.title)")]) }
        return .tag("nav", ["aria-label": "Sections"], [.tag("ul", ["class": "contents"], links)])
    }

    private func section(_ section: Section, number: Int) -> Markup {
        var nodes: [Markup] = []
        if !section.kicker.isEmpty { nodes.append(.tag("p", ["class": "kicker"], section.kicker)) }
        nodes.append(.tag("h2", [:], section.title))
        nodes += section.blocks.map(node)
        return .tag("section", ["id": "section-\(number)"], nodes)
    }

    private func node(_ block: Section.Block) -> Markup {
        switch block {
        case .paragraph(let text): .tag("p", ["class": "prose"], text)
        case .warning(let text): .tag("p", ["class": "warning", "role": "note"], text)
        case .heading(let text): .tag("h3", [:], text)
        case .facts(let facts):
            .tag(
                "dl",
                ["class": "facts"],
                facts.map { .tag("div", [:], [.tag("dt", [:], $0.name), .tag("dd", [:], $0.value)]) }
            )
        case .figures(let figures):
            .tag(
                "dl",
                ["class": "figures"],
                figures.map { .tag("div", [:], [.tag("dt", [:], $0.name), .tag("dd", [:], $0.value)]) }
            )
        case .table(let table): table.node
        case .columns(let columns):
            .tag("div", ["class": "columns"], columns.map { .tag("div", [:], $0.map(node)) })
        case .charts(let charts): .tag("div", ["class": "charts"], charts.map(figure))
        }
    }

    private func figure(_ chart: Chart) -> Markup {
        var nodes: [Markup] = [.tag("h3", [:], chart.title), .tag("p", ["class": "summary"], chart.summary)]
        if !chart.keys.isEmpty {
            nodes.append(
                .tag(
                    "ul",
                    ["class": "legend"],
                    chart.keys.map { .tag("li", [:], [$0.swatch, .tag("span", [:], $0.name)]) }
                )
            )
        }
        nodes.append(chart.svg(width: Chart.widths.wide, name: "wide"))
        nodes.append(chart.svg(width: Chart.widths.narrow, name: "narrow"))
        if let table = chart.table {
            nodes.append(.tag("details", [:], [.tag("summary", [:], "Figures"), table.node]))
        }
        return .tag("figure", [:], nodes)
    }
}
