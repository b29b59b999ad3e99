internal import ArgumentParser
internal import Measurement

@main
struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Measures alternatives side by side, in one interleaved run.",
        subcommands: [Turn.self, Transport.self, DiscardServer.self]
    )
}

/// What all topics take.
struct RunOptions: ParsableArguments {
    @Flag(help: "Print one JSON object instead of a table.")
    var json = false

    @Flag(help: "Fewer repetitions, for a check rather than a figure.")
    var quick = false

    @Option(help: "The seed of orders and of resampling.")
    var seed: UInt64 = 1

    /// Prints a report, and fails where a case is beyond its target.
    func finish(_ report: Report) throws {
        print(json ? try report.json() : report.table)
        let missed = report.cases.filter { !$0.isWithinTarget }
        for item in missed { Progress.print("beyond its target: \(item.name), ratio \(item.ratio.value)") }
        guard missed.isEmpty else { throw ExitCode.failure }
    }
}
