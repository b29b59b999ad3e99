/// A comparison in a report.
struct ComparisonSection {
    let name: String
    let comparison: ComparisonDocument

    var section: Section {
        var blocks: [Section.Block] = []
        if comparison.isVoid {
            blocks.append(
                .warning(
                    "Void: the machine's load was \(Amount.number(comparison.load)), and no verdict is given above "
                        + "\(Amount.number(ComparisonDocument.mostLoad)). Run it again on a quiet machine."
                )
            )
        }
        blocks.append(
            .facts([
                ("machine", Self.words(of: comparison.machine)), ("load", Amount.number(comparison.load)),
            ])
        )
        blocks.append(.table(table))
        blocks.append(
            .paragraph(
                "The contenders ran alternately, in random blocks. The interval is the 95 % bootstrap interval of the "
                    + "ratio over those blocks; if it holds 1 there is no verdict. A target is the topic's bound of the ratio."
            )
        )
        return Section(title: name, kicker: "Comparison", blocks: blocks)
    }

    /// Describes a machine, best known members first.
    private static func words(of machine: [String: JSONValue]) -> String {
        var machine = machine
        var parts: [String] = []
        if let processor = machine.removeValue(forKey: "processor") { parts.append(processor.text) }
        if let cores = machine.removeValue(forKey: "cores") { parts.append("\(cores.text) cores") }
        if let system = machine.removeValue(forKey: "system") { parts.append("kernel \(system.text)") }
        parts += machine.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text)" }
        return parts.joined(separator: ", ")
    }

    private var table: Table {
        Table(
            columns: [
                .words("case"), .words("peer"), .number("ours"), .number("theirs"), .words("unit"), .number("ratio"),
                .number("95 % interval"), .number("target"), .words("better"),
            ],
            rows: comparison.cases.map { item in
                [
                    item.name, item.peer, Amount.number(item.ours), Amount.number(item.theirs), item.unit,
                    Amount.number(item.ratio), "\(Amount.number(item.low)) … \(Amount.number(item.high))",
                    item.target.map(Amount.number) ?? "-", comparison.isVoid ? "void" : item.verdict,
                ]
            }
        )
    }
}
