package import ArgumentParser

/// The options of all topics.
package struct RunOptions: ParsableArguments {
    /// `true` to print JSON.
    @Flag(help: "Print one JSON object instead of a table.")
    package var json = false

    /// `true` for fewer cells and repetitions.
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

    /// Creates options for the command line to fill in.
    package init() {}

    /// Refuses a leniency that requires nothing, and reads the load, because a run begins here.
    package func validate() throws {
        _ = Machine.loadAtStart
        guard leniency.map({ $0 > 0 && $0 <= 1 }) ?? true else {
            throw ValidationError("the leniency is above 0, and 1 at most")
        }
    }

    /// The maximum load for a verdict: above it, the machine does much beside the measured work.
    package static let mostLoad = 3.0

    /// Prints a report, and fails if a case misses its target.
    ///
    /// - Parameters:
    ///   - report: The results.
    ///   - loadBefore: The load when the run began. If it was too high, no verdict is given. `nil` if the figures do
    ///     not depend on it.
    ///   - missing: Cases that have a target and were not measured.
    ///   - footer: Lines below the table, about the conditions of the figures.
    /// - Throws: An exit status: 1 if a target is missed, 75 if the load allows no verdict.
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
