/// A page of sections, written as Markdown.
struct MarkdownPage {
    let sections: [Section]

    var text: String {
        (["# Stateline report"]
            + sections.flatMap { section in
                ["## \(Markdown.escaped(section.title))"]
                    + (section.kicker.isEmpty ? [] : [Markdown.escaped(section.kicker)]) + section.blocks.flatMap(lines)
            })
            .joined(separator: "\n\n") + "\n"
    }

    private func lines(_ block: Section.Block) -> [String] {
        switch block {
        case .paragraph(let text): [Markdown.escaped(text)]
        case .warning(let text): ["> **\(Markdown.escaped(text))**"]
        case .heading(let text): ["### \(Markdown.escaped(text))"]
        case .facts(let facts):
            [facts.map { "- \(Markdown.escaped($0.name)): \(Markdown.escaped($0.value))" }.joined(separator: "\n")]
        case .figures(let figures):
            [
                Table(
                    columns: figures.map { .number($0.name) },
                    rows: [figures.map(\.value)]
                )
                .markdown
            ]
        case .table(let table): [table.markdown]
        case .columns(let columns): columns.flatMap { $0.flatMap(lines) }
        case .charts(let charts):
            charts.flatMap { chart in
                // Drawings are left out.
                chart.table.map {
                    ["### \(Markdown.escaped(chart.title))", Markdown.escaped(chart.summary), $0.markdown]
                } ?? []
            }
        }
    }
}
