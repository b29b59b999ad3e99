internal import Measurement

/// The running peers, each with a table of one dataset.
final class PeerGroup {
    private let dataset: Dataset
    private let files: StreamFiles
    private let start: (Peer) throws -> PeerProcess
    private var processes: [Peer: PeerProcess] = [:]
    private var memory: [Peer: Double] = [:]

    init(_ dataset: Dataset, files: StreamFiles, start: @escaping (Peer) throws -> PeerProcess) {
        self.dataset = dataset
        self.files = files
        self.start = start
    }

    /// Starts the peers that are not running.
    ///
    /// They make their tables concurrently.
    func open(_ peers: Set<Peer>) throws {
        let keys = try files.keys(of: dataset)
        let new = peers.filter { processes[$0] == nil }
        // Two at a time, because there are two cores.
        let sorted = new.sorted { $0.rawValue < $1.rawValue }
        for first in stride(from: 0, to: sorted.count, by: 2) {
            let pair = sorted[first..<min(first + 2, sorted.count)]
            for peer in pair {
                processes[peer] = try start(peer)
                try processes[peer]?.send(opening(keys))
            }
            for peer in pair { memory[peer] = Double(try processes[peer]?.answer()["bytes"] ?? 0) }
        }
    }

    private func opening(_ keys: String) -> String {
        let fill = dataset.isFilled ? 1 : 0
        return "open keys=\(keys) width=\(dataset.width) fill=\(fill) capacity=\(Dataset.cacheCapacity)"
    }

    /// Sends the peers the streams of a cell.
    func openStreams(of cell: Cell, for peers: Set<Peer>) throws {
        for thread in 0..<cell.threads {
            let file = try files.stream(of: cell, thread: thread)
            for peer in peers { try processes[peer]?.send("stream thread=\(thread) file=\(file)") }
            for peer in peers { _ = try processes[peer]?.answer() }
        }
    }

    /// The cost of one run of a contender, and the sum that it read.
    struct Run {
        /// CPU time of the whole process, in nanoseconds.
        let cpu: Double
        /// Wall time from the first thread's start to the last one's end, in nanoseconds.
        let wall: Double
        /// CPU time of the threads that worked, in nanoseconds.
        let threads: Double
        /// The number of operations, over all threads.
        let operations: Double
        /// The sum of the values read.
        let sum: UInt64
    }

    /// Runs a contender on a part of the streams, once or repeatedly.
    func run(_ contender: Contender, threads: Int, first: Int, count: Int, passes: Int = 1) throws -> Run {
        let process = try process(contender.peer)
        let before = process.cpuTime
        let answer = try process.ask(
            "run mode=\(contender.mode.rawValue) threads=\(threads) first=\(first) count=\(count) passes=\(passes)"
        )
        return Run(
            cpu: process.cpuTime - before,
            wall: Double(answer["wall"] ?? 0),
            threads: Double(answer["cpu"] ?? 0),
            operations: Double(answer["operations"] ?? 0),
            sum: answer["sum"] ?? 0
        )
    }

    /// Slow operations, in microseconds.
    struct Tails {
        /// The 99.9th percentile of reads.
        let reads: Double
        /// The 99.99th percentile of writes.
        let writes: Double
    }

    /// Makes a peer time each read of one thread and each write of another.
    func tails(_ peer: Peer, stalled: Bool, count: Int) throws -> Tails {
        let process = try process(peer)
        if !stalled { _ = try process.ask(opening(files.keys(of: dataset))) }
        let answer = try process.ask("tail kind=\(stalled ? "stalled" : "growth") count=\(count)")
        guard let count = answer["reads"], count >= 10_000, let reads = answer["p999"], let writes = answer["w9999"]
        else {
            throw PeerFailure(description: "\(peer.label) read too little for a percentile")
        }
        return Tails(reads: Double(reads) / 1_000, writes: Double(writes) / 1_000)
    }

    /// Returns the bytes that a peer's table takes for each entry, beyond its key and its value of eight bytes.
    func overhead(_ peer: Peer) -> Double {
        (memory[peer] ?? 0) / Double(dataset.count) - Double(dataset.keyBytes) - 8
    }

    /// Ends the peers.
    func close() {
        for process in processes.values { process.stop() }
        processes = [:]
    }

    private func process(_ peer: Peer) throws -> PeerProcess {
        guard let process = processes[peer] else { throw PeerFailure(description: "\(peer.label) is not running") }
        return process
    }
}
