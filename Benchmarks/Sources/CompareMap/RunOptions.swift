internal import ArgumentParser
internal import Measurement

/// What all topics take.
struct RunOptions: ParsableArguments {
    @Flag(help: "Print one JSON object instead of a table.")
    var json = false

    @Flag(help: "Fewer cells and repetitions, for a check rather than a figure.")
    var quick = false

    @Option(help: "The seed of keys, of streams, of orders and of resampling.")
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "Require only this part of each target, whatever the load: for a machine that does other work too.",
            valueName: "part"
        )
    )
    var leniency: Double?

    /// The most load that a verdict is given at: the machine then has to do what is measured, and little else.
    static let mostLoad = 3.0

    /// Prints a report, and fails where a case misses its target.
    ///
    /// - Parameters:
    ///   - report: What was found.
    ///   - loadBefore: The load when the run began; where it was too high, no verdict is given.
    ///   - missing: Cases that a target asks for and that were not measured.
    ///   - footer: What the figures depend on, below the table.
    /// - Throws: An exit status: 1 where a target is missed, 75 where the load allows no verdict.
    func finish(_ report: Report, loadBefore: Double, missing: [String], footer: [String]) throws {
        print(json ? try report.json() : ([report.table, ""] + footer).joined(separator: "\n"))
        for name in missed(report) { Progress.print("misses its target: \(name)") }
        for name in missing { Progress.print("missing: \(name)") }
        guard loadBefore <= Self.mostLoad || leniency != nil else {
            Progress.print("VERDICT WITHHELD: the load was \(loadBefore) at the start, and may be \(Self.mostLoad)")
            throw ExitCode(75)
        }
        guard missed(report).isEmpty, missing.isEmpty else { throw ExitCode.failure }
        Progress.print(leniency.map { "every target was kept, with a leniency of \($0)" } ?? "every target was kept")
    }

    private func missed(_ report: Report) -> [String] {
        report.cases.filter { !$0.isWithinTarget(leniency: leniency ?? 1) }
            .map { "\($0.name) beside \($0.peer)" }
    }
}
