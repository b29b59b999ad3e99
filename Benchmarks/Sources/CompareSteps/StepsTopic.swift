internal import ArgumentParser
internal import Foundation
internal import Measurement
internal import StatelineTesting

/// Compares the cost of a durable step with that of libraries for durable execution.
///
/// A turn has a hundred steps, and each leaves 1 KiB: in ours the answers of a model and the outputs of a tool in turn, in
/// the peers the results of activities. The beginning and the end of a turn count too. Before the run, each side proves that
/// its steps are durable: a process dies in the sixth step, and another must end the turn without running the first five
/// again.
struct StepsTopic: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "steps",
        abstract: "Milliseconds of a durable step of 1 KiB, beside Temporal and DBOS."
    )

    @OptionGroup var options: RunOptions

    @Option(
        help: ArgumentHelp(
            "An interpreter that has some of the libraries; may be given several times.",
            valueName: "program"
        )
    )
    var python: [String] = ["python3"]

    @Option(help: ArgumentHelp("The script that runs their turns.", valueName: "file"))
    var script: String

    /// The required ratio of theirs to ours, on each Redis.
    private static let target = Report.Bound.atLeast(10)

    private var steps: Int { options.quick ? 20 : 100 }
    private var blocks: Int { options.quick ? 3 : 10 }

    func run() async throws {
        let load = Machine.load
        let interpreters = python.map { $0.contains("/") ? $0 : "/usr/bin/\($0)" }
        var footer: [String] = []
        var peers: [PythonSteps] = []
        defer { for peer in peers { peer.stop() } }
        for peer in StepPeer.allCases {
            guard let python = interpreters.first(where: { peer.isInstalled(for: $0) }) else {
                footer.append("not installed: \(peer.rawValue); pip install \(peer.requirements), then --python")
                continue
            }
            Progress.print("check: \(peer.rawValue)")
            do {
                let started = try PythonSteps(peer, python: python, script: script)
                peers.append(started)
                footer.append("\(started.name): \(started.settings)")
            } catch {
                footer.append("left out: \(peer.rawValue), \(error)")
            }
        }
        for line in footer { Progress.print(line) }
        guard !peers.isEmpty else { throw ExitCode(69) }
        let started = peers
        let cases = try await withStores(StepStorage.allCases[...], []) { try await compare($0, started) }
        try options.finish(Report(cases), loadBefore: load, footer: footer)
    }

    /// Runs a function with all stores open, each checked.
    private func withStores<Result>(
        _ rest: ArraySlice<StepStorage>,
        _ opened: [StatelineSteps],
        _ body: ([StatelineSteps]) async throws -> Result
    ) async throws -> Result {
        guard let storage = rest.first else { return try await body(opened) }
        guard let server = storage.server else {
            let ours = try StatelineSteps(storage, server: nil)
            return try await withStores(rest.dropFirst(), opened + [ours], body)
        }
        return try await RedisServer.run(server) { server in
            Progress.print("check: \(storage.name)")
            try await CheckedTurn.check(storage, on: server)
            let ours = try StatelineSteps(storage, server: server)
            let result = try await withStores(rest.dropFirst(), opened + [ours], body)
            await ours.close()
            return result
        }
    }

    /// Runs turns of all sides, one after the other.
    private func compare(_ ours: [StatelineSteps], _ theirs: [PythonSteps]) async throws -> [Report.Case] {
        let sides: [any StepContender] = ours + theirs
        for side in sides { _ = try await side.measure(steps: steps) }
        var figures = Figures(seed: options.seed)
        for block in 1...blocks {
            Progress.print("block \(block) of \(blocks)")
            try await figures.runBlock(sides, steps: steps)
        }
        var cases: [Report.Case] = []
        for (place, peer) in zip(sides.indices.dropFirst(ours.count), theirs) {
            for (index, our) in ours.enumerated() {
                let bound = peer.peer.keepsEachStep && our.storage != .memory ? Self.target : nil
                let pair = (our, index, peer, place)
                cases.append(item("time", "ms", pair, figures.time, bound))
                if our.storage == .always { cases.append(item("CPU", "ms", pair, figures.cpu)) }
            }
        }
        return cases + (try await countRequests(ours, theirs))
    }

    /// Compares the round trips of ours with the requests of the peers, which are not timed.
    private func countRequests(_ ours: [StatelineSteps], _ theirs: [PythonSteps]) async throws -> [Report.Case] {
        guard let our = ours.last, let count = try await our.countRequests(steps: steps) else { return [] }
        var cases: [Report.Case] = []
        for peer in theirs {
            guard let requests = try peer.countRequests(steps: steps) else { continue }
            cases.append(
                Report.Case(
                    name: "requests of a step, ours \(our.name)",
                    peer: peer.name,
                    ours: count,
                    theirs: requests,
                    unit: "requests",
                    ratio: Ratio(exactly: requests / count)
                )
            )
        }
        return cases
    }

    private func item(
        _ name: String,
        _ unit: String,
        _ pair: (our: StatelineSteps, index: Int, peer: PythonSteps, place: Int),
        _ samples: Samples<Int>,
        _ target: Report.Bound? = nil
    ) -> Report.Case {
        Report.Case(
            name: "\(name) of a step, ours \(pair.our.name)",
            peer: pair.peer.name,
            ours: samples.mean(of: pair.index),
            theirs: samples.mean(of: pair.place),
            unit: unit,
            ratio: samples.ratio(of: pair.place, to: pair.index),
            target: target
        )
    }
}

/// The figures of all sides, by their places in the list of sides.
private struct Figures {
    /// Milliseconds of a step.
    private(set) var time: Samples<Int>
    /// Milliseconds of CPU of a step.
    var cpu: Samples<Int> { Samples(seed: seed, blocks: cpuBlocks) }

    private let seed: UInt64
    private var cpuBlocks: [[Int: Double]] = []

    init(seed: UInt64) {
        self.seed = seed
        time = Samples(seed: seed)
    }

    /// Runs each side twice.
    mutating func runBlock(_ sides: [any StepContender], steps: Int) async throws {
        var cpu: [Int: Double] = [:]
        try await time.runBlock(Array(sides.indices)) { index in
            let cost = try await sides[index].measure(steps: steps)
            cpu[index, default: 0] += cost.cpu
            return cost.milliseconds
        }
        cpuBlocks.append(cpu)
    }
}
