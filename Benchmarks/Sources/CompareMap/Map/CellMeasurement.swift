internal import Measurement

/// Measures one cell: runs its contenders in turns, block by block.
struct CellMeasurement {
    let cell: Cell
    let contenders: [Contender]
    let group: PeerGroup
    let isQuick: Bool
    let seed: UInt64
    /// The number of operations of a stream.
    let streamLength: Int

    /// The measured figures.
    struct Figures {
        var samples: Samples<Contender>
        /// The contenders' wall time for each operation, in nanoseconds, summed over the runs.
        var wall: [Contender: Double] = [:]
        /// The CPU time of the working threads for each operation, without threads that collect or reclaim.
        var threads: [Contender: Double] = [:]
    }

    /// Measures the cell.
    func run() async throws -> Figures {
        let peers = Set(contenders.map(\.peer))
        switch cell.work {
        case .growth, .growthWrites, .stalled: return try await runTails()
        default:
            try group.openStreams(of: cell, for: peers)
            return try await runBlocks()
        }
    }

    private var blocks: Int { isQuick ? 6 : 16 }

    /// The part of the streams that a run takes.
    private struct Portion {
        let count: Int
        let passes: Int
    }

    private func runBlocks() async throws -> Figures {
        let portion = try warmUp()
        let idle = try idleCosts()
        let windows = streamLength / portion.count
        var figures = Figures(samples: Samples<Contender>(seed: seed))
        for block in 0..<blocks {
            var runs: [Contender: Int] = [:]
            var sums: [Int: UInt64] = [:]
            try await figures.samples.runBlock(contenders) { contender in
                // The first run of each contender in a block works on the same window, and the second one on the next.
                let pass = runs[contender, default: 0]
                runs[contender] = pass + 1
                let first = (2 * block + pass) % windows * portion.count
                try warmCaches(contender, from: first + portion.count, portion)
                let run = try run(contender, from: first, portion)
                figures.wall[contender, default: 0] += run.wall / run.operations
                figures.threads[contender, default: 0] += run.threads / run.operations
                guard sums[pass, default: run.sum] == run.sum else {
                    throw PeerFailure(description: "\(contender.peer.label) read something else: \(cell.name)")
                }
                sums[pass] = run.sum
                return max(run.cpu - idle[contender, default: 0], 0) / run.operations
            }
        }
        return figures
    }

    /// Runs a contender without measuring it, so that the processor's caches hold its own data, and not the data of the
    /// contender before it.
    private func warmCaches(_ contender: Contender, from first: Int, _ portion: Portion) throws {
        // If each key comes once, there is nothing to warm.
        guard cell.distribution != .once else { return }
        for round in 0..<(isQuick ? 0 : 1) {
            let start = (first + round * portion.count) % (streamLength / portion.count * portion.count)
            _ = try run(contender, from: start, portion)
        }
    }

    private func run(_ contender: Contender, from first: Int, _ portion: Portion) throws -> PeerGroup.Run {
        try group.run(contender, threads: cell.threads, first: first, count: portion.count, passes: portion.passes)
    }

    /// Runs each contender until it gets no faster, and returns the portion that makes a run of good length.
    private func warmUp() throws -> Portion {
        let trial = min(1 << 17, streamLength)
        var each = 1.0
        for contender in contenders {
            var place = 0
            var spent = 0.0
            let enough = contender.peer.isCompiledLate ? (isQuick ? 0.7e9 : 2e9) : (isQuick ? 10e6 : 30e6)
            var runs = 0
            while spent < enough || runs < 2 {
                let run = try run(contender, from: place, Portion(count: trial, passes: 1))
                place = place + 2 * trial <= streamLength ? place + trial : 0
                spent += run.wall
                runs += 1
                if contender == contenders.first { each = run.cpu / run.operations }
            }
        }
        let wished = Int((isQuick ? 10e6 : 20e6) / max(each, 1))
        let count = min(max(wished, 1 << 14), streamLength / 4) / 16 * 16
        return Portion(count: count, passes: cell.distribution == .once ? 1 : max(1, wished / count))
    }

    /// Measures the cost of an empty command for each contender: the median of a few runs.
    private func idleCosts() throws -> [Contender: Double] {
        var costs: [Contender: Double] = [:]
        for contender in contenders {
            let runs = try (0..<9).map { _ in try run(contender, from: 0, Portion(count: 0, passes: 1)).cpu }
            costs[contender] = runs.sorted()[4]
        }
        return costs
    }

    private func runTails() async throws -> Figures {
        var figures = Figures(samples: Samples<Contender>(seed: seed))
        let stalled = cell.work == .stalled
        let count = stalled ? 1 << 18 : cell.dataset.count
        for contender in contenders { _ = try group.tails(contender.peer, stalled: stalled, count: count) }
        for _ in 0..<(isQuick ? 5 : 6) {
            try await figures.samples.runBlock(contenders) { contender in
                let tails = try group.tails(contender.peer, stalled: stalled, count: count)
                return cell.work == .growthWrites ? tails.writes : tails.reads
            }
        }
        return figures
    }
}
