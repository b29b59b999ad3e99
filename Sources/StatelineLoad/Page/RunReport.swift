/// A report of runs, as one self-contained page or as text.
///
/// ```swift
/// let file = try RunFile(text, path: "redis.json")
/// let page = try RunReport([file]).html
/// ```
///
/// The content of a file is shown as text and never taken for markup. The page loads nothing and has no script; its own
/// policy forbids both.
public struct RunReport: Sendable {
    let sections: [Section]

    /// Makes a report: a comparison of two loads, then each load, then comparisons.
    ///
    /// - Parameter files: The runs; at least one.
    /// - Throws: ``ReportError/nothing``.
    public init(_ files: [RunFile]) throws(ReportError) {
        guard !files.isEmpty else { throw .nothing }
        let names = Self.distinct(files.map(\.name))
        var (loads, comparisons): ([(name: String, load: LoadReport)], [Section]) = ([], [])
        for (file, name) in zip(files, names) {
            switch file.content {
            case .load(let load): loads.append((name, load))
            case .comparison(let comparison):
                comparisons.append(ComparisonSection(name: name, comparison: comparison).section)
            }
        }
        var sections: [Section] = []
        if loads.count == 2 { sections.append(PairSection(first: loads[0], second: loads[1]).section) }
        if loads.count > 2 { sections.append(Self.overview(loads)) }
        sections += loads.enumerated()
            .map { LoadSection(name: $1.name, place: $0 + 1, load: $1.load).section }
        self.sections = sections + comparisons
    }

    /// The report as one HTML file.
    ///
    /// - Complexity: O(*n*) in the size of the files.
    public var html: String { Page(sections: sections).html }

    /// The figures without the drawings, as Markdown.
    ///
    /// - Complexity: O(*n*) in the size of the files.
    public var markdown: String { MarkdownPage(sections: sections).text }

    /// Numbers files of the same name in different folders.
    private static func distinct(_ names: [String]) -> [String] {
        var seen: [String: Int] = [:]
        return names.map { name in
            seen[name, default: 0] += 1
            let count = seen[name, default: 1]
            return count == 1 ? name : "\(name) (\(count))"
        }
    }

    private static func overview(_ loads: [(name: String, load: LoadReport)]) -> Section {
        let table = Table(
            columns: [
                .words("run"), .words("workload"), .words("store"), .number("turns a second"), .number("p50"),
                .number("p99"), .number("amplification"), .words("audit"),
            ],
            rows: loads.map { name, load in
                [name, load.workload, load.store, Amount.number(load.turnRate)]
                    + [0.5, 0.99].map { load.isVoid ? "void" : Amount.time(load.intended.microseconds($0)) }
                    + [
                        Amount.factor(load.amplification),
                        load.audit.map { $0.isClean ? "clean" : "failed" } ?? "none",
                    ]
            }
        )
        return Section(title: "All runs", kicker: "Overview", blocks: [.table(table)])
    }
}
