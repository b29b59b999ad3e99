internal import ArgumentParser
internal import Measurement
internal import Stateline
internal import StatelineMetrics
internal import Workload

/// Measures the cost of a turn's metrics: counts one finished turn many times, beside an observer that does nothing.
struct MetricsTopic: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "CPU time of a turn's metrics, which may take a microsecond."
    )

    @OptionGroup var options: RunOptions

    /// An observer that does nothing.
    private struct Idler: TurnObserver {
        func turnEnded(_ turn: EndedTurn) {}
    }

    private enum Contender: CaseIterable {
        case metrics
        case nothing
    }

    private static let limit = 1_000.0

    func run() async throws {
        let turn = try await ObservedTurn.make()
        let observers: [Contender: any TurnObserver] = [
            .metrics: TurnMetrics(factory: PrometheusExporter(), backend: "memory"),
            .nothing: Idler(),
        ]
        let count = options.quick ? 20_000 : 100_000
        let blocks = options.quick ? 10 : 40
        var samples = Samples<Contender>(seed: options.seed)
        let measure = { (contender: Contender) -> Double in
            guard let observer = observers[contender] else { return .nan }
            let start = CPUClock.now
            for _ in 0..<count { observer.turnEnded(turn) }
            return (CPUClock.now - start).nanoseconds / Double(count)
        }
        for contender in Contender.allCases { _ = measure(contender) }
        Progress.print("metrics: \(blocks) blocks of \(count) turns")
        for _ in 0..<blocks { await samples.runBlock(Contender.allCases, measure: measure) }
        let cost = samples.interval(of: .metrics)
        let stages = Stage.allCases.count { turn.trace[$0] > .zero }
        let item = Report.Case(
            name: "metrics of a turn of \(turn.trace.crossings.count) call and \(stages) stages",
            peer: "the limit",
            ours: cost.value,
            theirs: Self.limit,
            unit: "ns CPU",
            ratio: Ratio(value: cost.value / Self.limit, low: cost.low / Self.limit, high: cost.high / Self.limit),
            target: .atMost(1)
        )
        let nothing = (samples.mean(of: .nothing) * 10).rounded() / 10
        try options.finish(
            Report([item]),
            footer: [
                "Counted in it are \(nothing) ns for the call of an observer, which one that does nothing takes too."
            ]
        )
    }
}
