/// Runs as a person reads them: one page that needs nothing else, or text.
///
/// ```swift
/// let file = try RunFile(text, path: "redis.json")
/// let page = try RunReport([file]).html
/// ```
///
/// Whatever is in a file is shown as text and never taken for markup. The page asks for nothing from elsewhere, and has no
/// script: its own policy forbids both.
public struct RunReport: Sendable {
    let sections: [Section]

    /// Lays a report out: two loads side by side, then each load, then comparisons.
    ///
    /// - Parameter files: What was run; at least one.
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

    /// One HTML file.
    ///
    /// - Complexity: O(*n*) in what the files hold.
    public var html: String { Page(sections: sections).html }

    /// The same figures without the drawings.
    ///
    /// - Complexity: O(*n*) in what the files hold.
    public var markdown: String { MarkdownPage(sections: sections).text }

    /// Files of the same name in different folders get a number.
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
