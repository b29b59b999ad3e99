internal import ArgumentParser
internal import Foundation
internal import Measurement
internal import Stateline
internal import StatelineMemory
internal import StatelineRedis
internal import StatelineTesting

/// Compares one turn on a session of n messages: the traffic to the store, counted by a proxy, and the time.
///
/// The model is a function, prompt and answer are 1 KiB, and all libraries that can use Redis use the same server. The
/// others use the store of their documentation; for them the time is compared, and the bytes that their process reads
/// and writes. Ours asks the store for new batches before each turn, as the others do.
struct PeersTopic: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peers",
        abstract: "Round trips, bytes and milliseconds of a turn in Redis, beside Python libraries."
    )

    @OptionGroup var options: RunOptions

    @Option(
        help: ArgumentHelp(
            "An interpreter that has some of the libraries; may be given several times.",
            valueName: "program"
        )
    )
    var python: [String] = ["python3"]

    @Option(help: ArgumentHelp("The script that holds their turns.", valueName: "file"))
    var script: String

    private static let text = String(repeating: "sixteen bytes ..", count: 64)

    /// A library, and the interpreter that has it.
    private struct Installed {
        let library: Library
        let python: String
    }

    func run() async throws {
        let interpreters = python.map { $0.contains("/") ? $0 : "/usr/bin/\($0)" }
        let installed = Library.allCases.compactMap { library in
            interpreters.first { library.isInstalled(for: $0) }.map { Installed(library: library, python: $0) }
        }
        let missing = Library.allCases.filter { library in !installed.contains { $0.library == library } }
            .map { "not installed: \($0.rawValue); pip install \($0.requirements), then --python" }
        for line in missing { Progress.print(line) }
        guard !installed.isEmpty else { throw ExitCode(69) }
        var cases: [Report.Case] = []
        var failures: [String] = []
        for messages in options.quick ? [10, 100] : [10, 100, 1_000] {
            cases += try await compare(installed, messages: messages, &failures)
        }
        for line in failures { Progress.print(line) }
        try options.finish(Report(cases), footer: missing + failures)
    }

    private var turns: Int { options.quick ? 5 : 20 }

    /// Measures all libraries in turns.
    ///
    /// A library that fails is named and left out from then on.
    private func compare(
        _ installed: [Installed],
        messages: Int,
        _ failures: inout [String]
    ) async throws -> [Report.Case] {
        Progress.print("\(messages) messages")
        var told: [String] = []
        let fail = { (library: Library, error: any Error) in
            told.append("left out: \(library.rawValue) at \(messages) messages, it \(error)")
        }
        let found = try await RedisServer.run { server in
            try await FaultProxy.run(to: .port(server.port)) { proxy in
                let url = "redis://127.0.0.1:\(proxy.port)"
                let store = RedisStore(try RedisURL(url))
                let session = try await openSession(of: messages, in: store)
                let peers = installed.compactMap { item in
                    do { return try start(item, url: "\(url)/0", messages: messages) } catch {
                        fail(item.library, error)
                        return nil
                    }
                }
                defer { for peer in peers { peer.stop() } }
                let (ours, theirs) = try await measure(session, peers, proxy, fail)
                await store.close()
                return peers.flatMap { peer -> [Report.Case] in
                    guard let cost = theirs[peer.library] else { return [] }
                    return cases(ours, cost, peer, messages)
                }
            }
        }
        failures += told
        return found
    }

    private func start(_ item: Installed, url: String, messages: Int) throws -> PythonTurns {
        try PythonTurns(item.library, python: item.python, script: script, url: url, messages: messages)
    }

    /// Runs turns of ours and of each peer, one after the other; the first two warm up.
    private func measure(
        _ session: ModelSession,
        _ peers: [PythonTurns],
        _ proxy: FaultProxy,
        _ fail: (Library, any Error) -> Void
    ) async throws -> (ours: TurnCost, theirs: [Library: TurnCost]) {
        var ours = TurnCost()
        var theirs: [Library: TurnCost] = [:]
        for peer in peers { theirs[peer.library] = TurnCost() }
        for turn in 0..<turns + 2 {
            let isCounted = turn >= 2
            try await measure(proxy, isCounted, .redis, &ours) {
                let clock = ContinuousClock()
                let start = clock.now
                _ = try await session.respond(to: Self.text)
                return PythonTurns.Turn(milliseconds: (clock.now - start) / .milliseconds(1), bytes: 0)
            }
            for peer in peers {
                guard var cost = theirs[peer.library] else { continue }
                do {
                    try await measure(proxy, isCounted, peer.library.storage, &cost) { try peer.turn() }
                    theirs[peer.library] = cost
                } catch {
                    fail(peer.library, error)
                    theirs[peer.library] = nil
                }
            }
        }
        return (ours, theirs)
    }

    private func openSession(of messages: Int, in store: RedisStore) async throws -> ModelSession {
        let model = FunctionModel { _ in .text(Self.text) }
        let boundary = Boundary(store: store, cache: MemoryCache(validation: .beforeCall))
        let session = try await boundary.session(SessionKey("session-\(messages)"), model: model)
        for _ in 0..<messages / 2 { _ = try await session.respond(to: Self.text) }
        return session
    }

    private func measure(
        _ proxy: FaultProxy,
        _ isCounted: Bool,
        _ storage: Library.Storage,
        _ cost: inout TurnCost,
        _ hold: () async throws -> PythonTurns.Turn
    ) async throws {
        let before = proxy.counts
        let turn = try await hold()
        let after = proxy.counts
        guard isCounted else { return }
        let crossed = after.requestBytes + after.replyBytes - before.requestBytes - before.replyBytes
        cost.roundTrips.append(Double(after.roundTrips - before.roundTrips))
        cost.bytes.append(storage == .redis ? Double(crossed) : turn.bytes)
        cost.milliseconds.append(turn.milliseconds)
    }

    private enum Side {
        case ours
        case theirs
    }

    private func cases(_ ours: TurnCost, _ theirs: TurnCost, _ peer: PythonTurns, _ messages: Int) -> [Report.Case] {
        func item(_ name: String, _ unit: String, _ figures: (TurnCost) -> [Double]) -> Report.Case {
            let blocks = zip(figures(ours), figures(theirs)).map { [Side.ours: $0, Side.theirs: $1] }
            return Report.Case(
                name: "\(name) of a turn at \(messages) messages",
                peer: "\(peer.library.name) \(peer.version)",
                ours: figures(ours).median,
                theirs: figures(theirs).median,
                unit: unit,
                ratio: Samples(seed: options.seed, blocks: blocks).ratio(of: .theirs, to: .ours)
            )
        }
        let isRedis = peer.library.storage == .redis
        return (isRedis ? [item("round trips", "round trips") { $0.roundTrips }] : [])
            + [
                item(isRedis ? "bytes" : "bytes, theirs read and written in files,", "B") { $0.bytes },
                item("time", "ms") { $0.milliseconds },
            ]
    }
}
