package import ArgumentParser

/// What all topics take.
package struct RunOptions: ParsableArguments {
    /// Whether to print JSON.
    @Flag(help: "Print one JSON object instead of a table.")
    package var json = false

    /// Whether to do less.
    @Flag(help: "Fewer cells and repetitions, for a check rather than a figure.")
    package var quick = false

    /// The seed.
    @Option(help: "The seed of whatever is drawn, of orders and of resampling.")
    package var seed: UInt64 = 1

    /// The part of each target that is required.
    @Option(
        help: ArgumentHelp(
            "Require only this part of each target, whatever the load: for a machine that does other work too.",
            valueName: "part"
        )
    )
    package var leniency: Double?

    /// Makes what the command line fills in.
    package init() {}

    /// Refuses a leniency that requires nothing; a run begins here, so that the load is looked up.
    package func validate() throws {
        _ = Machine.loadAtStart
        guard leniency.map({ $0 > 0 && $0 <= 1 }) ?? true else {
            throw ValidationError("the leniency is above 0, and 1 at most")
        }
    }

    /// The most load that a verdict is given at: the machine then has to do what is measured, and little else.
    package static let mostLoad = 3.0

    /// Prints a report, and fails where a case misses its target.
    ///
    /// - Parameters:
    ///   - report: What was found.
    ///   - loadBefore: The load when the run began; where it was too high, no verdict is given. `nil` where what is
    ///     measured does not depend on it.
    ///   - missing: Cases that a target asks for and that were not measured.
    ///   - footer: What the figures depend on, below the table.
    /// - Throws: An exit status: 1 where a target is missed, 75 where the load allows no verdict.
    package func finish(
        _ report: Report,
        loadBefore: Double? = nil,
        missing: [String] = [],
        footer: [String] = []
    ) throws {
        var report = report
        report.machine.seed = seed
        let notes = footer + report.machine.lines
        print(json ? try report.json() : ([report.table, ""] + notes).joined(separator: "\n"))
        let missed = report.cases.filter { !$0.isWithinTarget(leniency: leniency ?? 1) }
        for item in missed {
            Progress.print("misses its target: \(item.name) beside \(item.peer), ratio \(item.ratio.value)")
        }
        for name in missing { Progress.print("missing: \(name)") }
        if let loadBefore, loadBefore > Self.mostLoad, leniency == nil {
            Progress.print("VERDICT WITHHELD: the load was \(loadBefore) at the start, and may be \(Self.mostLoad)")
            throw ExitCode(75)
        }
        guard missed.isEmpty, missing.isEmpty else { throw ExitCode.failure }
        Progress.print(leniency.map { "every target was kept, with a leniency of \($0)" } ?? "every target was kept")
    }
}
