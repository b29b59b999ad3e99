internal import ArgumentParser
internal import Callgrind
internal import Measurement
internal import Workload

/// Compares the cost of a turn at the end of a long session with the cost at its beginning.
///
/// Measures from checkout to commit, with a null transport that walks the whole gather list.
struct TurnTopic: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "turn",
        abstract: "Cost of a turn at entry 10,000 beside entry 10: instructions, allocations, CPU, bytes and chunks."
    )

    @Option(help: .hidden)
    var program: String

    @OptionGroup var options: RunOptions

    private static let short = 10
    private static let long = 10_000
    private static let forks = 8
    private static let turns = 16
    /// The largest allowed ratio of the cost at the long end to that at the short one.
    private static let bound = 1.5

    func run() async throws {
        let workloads = [
            Self.short: try await FlatWorkload(entries: Self.short),
            Self.long: try await FlatWorkload(entries: Self.long),
        ]
        var cases = try await counted(workloads)
        cases += try await timed(workloads)
        cases += try instructionsAndAllocations()
        try options.finish(Report(cases))
    }

    /// Makes the case of one figure at both ends.
    private func flat(_ name: String, long: Double, short: Double, unit: String, target: Report.Bound?) -> Report.Case {
        Report.Case(
            name: name,
            peer: "at entry \(Self.short)",
            ours: long,
            theirs: short,
            unit: unit,
            ratio: Ratio(exactly: long / short),
            target: target
        )
    }

    /// Makes the case of one figure with its upper limit.
    private func limited(_ name: String, _ value: Int, limit: Int, unit: String) -> Report.Case {
        Report.Case(
            name: name,
            peer: "the limit",
            ours: Double(value),
            theirs: Double(limit),
            unit: unit,
            ratio: Ratio(exactly: Double(value) / Double(limit)),
            target: .atMost(1)
        )
    }

    /// Counts chunks, bytes and round trips, without a clock.
    private func counted(_ workloads: [Int: FlatWorkload]) async throws -> [Report.Case] {
        var cases: [Report.Case] = []
        for (entries, workload) in workloads.sorted(by: { $0.key < $1.key }) {
            // 480 entries on top of 10,000 pass 10 MiB.
            let forks = try await workload.forks(["counted"])
            let counts = try await workload.count(turns: 240, on: forks[0])
            let place = "at entry \(entries) ... \(entries + 480), request of \(counts.requestBytes >> 10) KiB"
            cases += [
                limited("chunks \(place)", counts.chunks, limit: 32, unit: "chunks"),
                limited("store bytes beyond entries \(place)", counts.bytesBeyondEntries, limit: 512, unit: "B"),
                limited("store round trips \(place)", counts.roundTrips, limit: 1, unit: "round trips"),
            ]
        }
        return cases
    }

    /// Measures CPU time, in one interleaved run.
    private func timed(_ workloads: [Int: FlatWorkload]) async throws -> [Report.Case] {
        var samples = Samples<Int>(seed: options.seed)
        var runs = 0
        let measure = { (entries: Int) async throws -> Double in
            guard let workload = workloads[entries] else { return .nan }
            runs += 1
            let forks = try await workload.forks((0..<Self.forks).map { "\(runs)-\($0)" })
            let start = CPUClock.now
            try await workload.run(turns: Self.turns, on: forks)
            return (CPUClock.now - start).nanoseconds / Double(Self.turns * Self.forks) / 1_000
        }
        for entries in [Self.short, Self.long] { _ = try await measure(entries) }
        let blocks = options.quick ? 10 : 60
        Progress.print("turn: \(blocks) blocks of CPU time")
        for _ in 0..<blocks { try await samples.runBlock([Self.short, Self.long], measure: measure) }
        return [
            Report.Case(
                name: "CPU of a turn at entry \(Self.long)",
                peer: "at entry \(Self.short)",
                ours: samples.mean(of: Self.long),
                theirs: samples.mean(of: Self.short),
                unit: "us",
                ratio: samples.ratio(of: Self.long, to: Self.short),
                target: .atMost(Self.bound)
            )
        ]
    }

    /// Counts instructions and allocations by callgrind.
    private func instructionsAndAllocations() throws -> [Report.Case] {
        let costs = try Callgrind.costs(of: [.turnLate, .turnEarly], program: program) {
            Progress.print("turn: callgrind, a \($0.rawValue)")
        }
        guard let long = costs[.turnLate], let short = costs[.turnEarly] else { return [] }
        return [
            flat(
                "instructions of a turn at entry \(Self.long)",
                long: long.instructions,
                short: short.instructions,
                unit: "instructions",
                target: .atMost(Self.bound)
            ),
            flat(
                "allocations of a turn at entry \(Self.long)",
                long: long.allocations,
                short: short.allocations,
                unit: "allocations",
                target: .atMost(1.05)
            ),
        ]
    }
}
