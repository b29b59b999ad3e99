internal import Benchmark
internal import Measurement
internal import Workload

/// The cost of a turn at both ends of a session, in one interleaved run: an iteration is one block of ABBA.
///
/// `ratio` is in thousandths: 1,500 is the bound.
private let ratio = BenchmarkMetric.custom("CPU at entry 10,000 for 1,000 at entry 10", useScalingFactor: false)
private let short = BenchmarkMetric.custom("CPU of a turn at entry 10 (ns)", useScalingFactor: false)
private let long = BenchmarkMetric.custom("CPU of a turn at entry 10,000 (ns)", useScalingFactor: false)

private let turns = 16
private let forks = 8

private actor Ends {
    private let workloads: [Int: FlatWorkload]
    private var samples = Samples<Int>(seed: 1)
    private var runs = 0

    init() async throws {
        workloads = [10: try await FlatWorkload(entries: 10), 10_000: try await FlatWorkload(entries: 10_000)]
    }

    /// Runs one block and returns the CPU time of a turn at either end, in nanoseconds.
    func block() async throws -> (short: Double, long: Double) {
        var samples = samples
        try await samples.runBlock([10, 10_000]) { entries in
            guard let workload = workloads[entries] else { return .nan }
            runs += 1
            let sessions = try await workload.forks((0..<forks).map { "\(runs)-\($0)" })
            let start = CPUClock.now
            try await workload.run(turns: turns, on: sessions)
            return (CPUClock.now - start).nanoseconds / Double(turns * forks)
        }
        self.samples = samples
        let block = samples.blocks[samples.blocks.count - 1]
        return (block[10, default: .nan] / 2, block[10_000, default: .nan] / 2)
    }
}

let benchmarks: @Sendable () -> Void = {
    Benchmark(
        "a turn of 1 KiB each way",
        configuration: .init(
            metrics: [short, long, ratio],
            warmupIterations: 2,
            maxDuration: .seconds(60),
            maxIterations: 60,
            thresholds: [ratio: .init(absolute: [.p50: 1_500])]
        )
    ) { (benchmark: Benchmark, ends: Ends) in
        let block = try await ends.block()
        benchmark.measurement(short, Int(block.short))
        benchmark.measurement(long, Int(block.long))
        benchmark.measurement(ratio, Int(block.long / block.short * 1_000))
    } setup: {
        try await Ends()
    }
}
