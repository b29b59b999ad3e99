internal import ArgumentParser
internal import LockFreeMap
internal import Measurement

/// Compares hit ratios on a recorded trace: `LockFreeCache` beside LRU, FIFO and libcachesim.
@main
struct CompareHits: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare hits",
        abstract: "The hit ratio of LockFreeCache on a recorded trace, beside other policies of the same capacity."
    )

    @Option(help: "Big-endian int32 keys, or a number a line; plain, or compressed by gzip, xz, bzip2 or zstd.")
    var trace: String

    @Option(help: "How many entries the caches hold; a twentieth of the trace's keys unless given.")
    var capacity: Int?

    @Option(help: "How many threads replay the trace, split round-robin, beside one.")
    var threads = 1

    @Option(help: "The part of the capacity for newcomers.")
    var smallShare = 0.1

    @Option(help: "How many evicted keys are remembered, for each entry.")
    var ghostShare = 0.9

    @Option(help: "How many hits take a newcomer into the main queue.")
    var promotion: UInt8 = 2

    @Option(name: .customLong("libcachesim"), help: "A Python that has the package libcachesim, to compare with.")
    var python: String?

    @Flag(help: "Print one JSON object instead of a table.")
    var json = false

    func validate() throws {
        _ = Machine.loadAtStart
        guard capacity.map({ $0 > 0 }) ?? true else { throw ValidationError("a cache holds something") }
        guard (1...64).contains(threads) else { throw ValidationError("1 to 64 threads") }
        guard smallShare > 0, smallShare < 1, ghostShare >= 0, (1...3).contains(promotion) else {
            throw ValidationError("the small share is between 0 and 1, the promotion 1 to 3")
        }
    }

    func run() throws {
        let trace = try Trace(path: trace)
        let capacity = capacity ?? max(1, trace.keyCount / 20)
        let parameters = CachePolicyParameters(smallShare: smallShare, ghostShare: ghostShare, promotion: promotion)
        let replay = CacheReplay(trace: trace, capacity: capacity, parameters: parameters)
        let alone = try replay.hitRatio()
        var cases = [
            Self.compare(alone, with: LRUReplay.hitRatio(trace, capacity: capacity), of: "LRU", target: 1),
            Self.compare(alone, with: FIFOReplay.hitRatio(trace, capacity: capacity), of: "FIFO", target: nil),
        ]
        if let peer = try python.flatMap({ try Libcachesim(python: $0).hitRatio(replay) }) {
            let target = 1 - 0.005 / max(peer, 0.005)
            cases.append(Self.compare(alone, with: peer, of: "libcachesim S3-FIFO", target: target))
        }
        var hitRatio = alone
        if threads > 1 {
            let inStep = try Self.compare("\(threads) threads in step", beside: "1 thread") {
                (try replay.hitRatioInStep(threads: threads), alone)
            }
            let outOfStep = try Self.compare("\(threads) threads as they run", beside: "1 thread, in their order") {
                try replay.hitRatiosOutOfStep(threads: threads)
            }
            hitRatio = inStep.ours / 100
            cases += [inStep, outOfStep]
        }
        let report = HitsReport(
            report: Report(cases),
            hitRatio: hitRatio,
            requests: trace.requests.count,
            keys: trace.keyCount,
            capacity: capacity,
            threads: threads
        )
        print(json ? try report.json() : report.table)
        let missed = cases.filter { !$0.isWithinTarget }
        guard missed.isEmpty else {
            for item in missed { Progress.print("below its target: \(item.name) beside \(item.peer)") }
            throw ExitCode.failure
        }
    }

    /// Compares two counts that are the same in each run.
    private static func compare(_ ours: Double, with theirs: Double, of peer: String, target: Double?) -> Report.Case {
        Report.Case(
            name: "1 thread",
            peer: peer,
            ours: 100 * ours,
            theirs: 100 * theirs,
            unit: "% hits",
            ratio: Ratio(exactly: theirs > 0 ? ours / theirs : 1),
            target: target.map { .atLeast($0) }
        )
    }

    /// Compares the mean of five replays, with the worst and the best as the interval.
    ///
    /// The target is one point.
    private static func compare(
        _ name: String,
        beside peer: String,
        measure: () throws -> (ours: Double, theirs: Double)
    ) throws -> Report.Case {
        let replays = try (0..<5).map { _ in try measure() }
        let ratios = replays.map { $0.ours / max($0.theirs, 1e-9) }.sorted()
        let (ours, theirs) = replays.reduce((0.0, 0.0)) { ($0.0 + $1.ours / 5, $0.1 + $1.theirs / 5) }
        return Report.Case(
            name: name,
            peer: peer,
            ours: 100 * ours,
            theirs: 100 * theirs,
            unit: "% hits",
            ratio: Ratio(value: ours / max(theirs, 1e-9), low: ratios[0], high: ratios[ratios.count - 1]),
            target: .atLeast(1 - 0.01 / max(theirs, 0.01))
        )
    }
}
