internal import ArgumentParser
internal import Foundation
internal import Measurement

/// The map and the cache beside their peers.
struct MapTopic: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "map",
        abstract: "CPU time of the map's operations beside that of other concurrent maps."
    )

    @OptionGroup var options: RunOptions

    @Option(help: "Measure only the cells whose name contains this.")
    var only: String?

    @Flag(help: "Also tell the wall time and the CPU time of the working threads alone, on standard error.")
    var wall = false

    @Option(help: .hidden)
    var peers: String

    @Option(help: .hidden)
    var mapPeer: String

    @Option(help: .hidden)
    var limits: String

    func run() async throws {
        let load = Machine.load
        let limits = try Limits(file: limits)
        let installed = installedPeers()
        let cells = (options.quick && only == nil ? Cell.quick : Cell.all)
            .filter { only.map($0.name.contains) ?? true }
        let folder = try TemporaryFolder()
        let interruption = Interruption(removing: folder)
        defer { withExtendedLifetime(interruption) { folder.remove() } }
        let report = Report(try await measure(cells, installed, limits, in: folder))
        let skipped = Set(Peer.allCases.filter { !installed.contains($0) }.map(\.label))
        let missing = limits.unanswered(by: report, of: cells.map(\.name), skipped: skipped)
        try options.finish(
            report,
            loadBefore: load,
            missing: missing + limits.unknown(among: Cell.all.map(\.name)).map { "a cell called \($0)" },
            footer: footer
        )
    }

    /// Returns the peers that have been built, and prints the packages that the others need.
    private func installedPeers() -> Set<Peer> {
        var installed: Set<Peer> = []
        var packages: Set<String> = []
        for peer in Peer.allCases {
            if FileManager.default.fileExists(atPath: peer.command(peers: peers, mapPeer: mapPeer).built) {
                installed.insert(peer)
            } else if let package = peer.package, packages.insert(package).inserted {
                Progress.print("skipped, not installed: \(peer.label) (apt-get install \(package))")
            }
        }
        return installed
    }

    /// Measures the cells, one dataset after the other.
    private func measure(
        _ cells: [Cell],
        _ installed: Set<Peer>,
        _ limits: Limits,
        in folder: TemporaryFolder
    ) async throws -> [Report.Case] {
        let length = options.quick ? 1 << 20 : 1 << 21
        let files = StreamFiles(folder: folder.url, seed: options.seed, length: length)
        var datasets: [Dataset] = []
        for cell in cells where !datasets.contains(cell.dataset) { datasets.append(cell.dataset) }
        var cases: [Report.Case] = []
        var done = 0
        let began = ContinuousClock.now
        for dataset in datasets {
            let group = PeerGroup(dataset, files: files) { peer in
                let command = peer.command(peers: peers, mapPeer: mapPeer)
                return try PeerProcess(peer, program: command.program, arguments: command.arguments, in: folder)
            }
            for cell in cells where cell.dataset == dataset {
                let left = left(done, of: cells.count, since: began)
                Progress.print("\(done + 1) of \(cells.count), \(left): \(cell.name)")
                let contenders = cell.contenders.filter { installed.contains($0.peer) }
                try group.open(Set(contenders.map(\.peer)))
                cases += try await CellReport(cell: cell, contenders: contenders, limits: limits, printsWall: wall)
                    .cases(group, isQuick: options.quick, seed: options.seed, streamLength: length)
                done += 1
            }
            group.close()
        }
        return cases
    }

    /// Estimates the remaining time from the cells that are done.
    private func left(_ done: Int, of all: Int, since start: ContinuousClock.Instant) -> String {
        guard done > 0 else { return "time left not known yet" }
        let each = (ContinuousClock.now - start) / done
        return "about \((each * (all - done)).components.seconds) s left"
    }

    private var footer: [String] {
        [
            "A ratio is theirs to ours: above 1, ours is better. CPU time is the whole process's, its collector and"
                + " reclaiming threads included.",
            "Native peers: GLIBC_TUNABLES=\(Peer.mallocOptions). JVM: \(Peer.javaOptions.joined(separator: " ")).",
        ]
    }
}
