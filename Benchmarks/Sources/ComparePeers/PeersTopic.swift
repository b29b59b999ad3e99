internal import ArgumentParser
internal import Foundation
internal import Measurement
internal import Stateline
internal import StatelineMemory
internal import StatelineRedis
internal import StatelineTesting

/// One turn on a session of so many messages: what crosses to the store, counted by a proxy, and how long it takes.
///
/// The model is a function in all of them, prompt and answer are 1 KiB, and the store is the same server. Ours asks the
/// store before each turn what is new, as the others do.
struct PeersTopic: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peers",
        abstract: "Round trips, bytes and milliseconds of a turn in Redis, beside Python libraries."
    )

    @OptionGroup var options: RunOptions

    @Option(help: ArgumentHelp("An interpreter that has the libraries.", valueName: "program"))
    var python = "python3"

    @Option(help: ArgumentHelp("The script that holds their turns.", valueName: "file"))
    var script: String

    private static let text = String(repeating: "sixteen bytes ..", count: 64)

    func run() async throws {
        let libraries = Library.allCases.filter { $0.isInstalled(for: interpreter) }
        var cases: [Report.Case] = []
        for messages in options.quick ? [10, 100] : [10, 100, 1_000] {
            cases += try await compare(libraries, messages: messages)
        }
        let missing = Library.allCases.filter { !libraries.contains($0) }
        let footer = missing.map { "not installed: \($0.rawValue); pip install \(Library.requirements), then --python" }
        try options.finish(Report(cases), footer: footer)
    }

    private var interpreter: String { python.contains("/") ? python : "/usr/bin/\(python)" }
    private var turns: Int { options.quick ? 5 : 20 }

    /// Measures all on one server, in turns.
    private func compare(_ libraries: [Library], messages: Int) async throws -> [Report.Case] {
        Progress.print("\(messages) messages")
        return try await RedisServer.run { server in
            try await FaultProxy.run(to: .port(server.port)) { proxy in
                let url = "redis://127.0.0.1:\(proxy.port)"
                let store = RedisStore(try RedisURL(url))
                let session = try await openSession(of: messages, in: store)
                let peers = try libraries.map {
                    try PythonTurns($0, python: interpreter, script: script, url: url + "/0", messages: messages)
                }
                defer { for peer in peers { peer.stop() } }
                var ours = TurnCost()
                var theirs = peers.map { _ in TurnCost() }
                for turn in 0..<turns + 2 {
                    // The first two warm up.
                    let isCounted = turn >= 2
                    try await measure(proxy, isCounted, &ours) {
                        let clock = ContinuousClock()
                        let start = clock.now
                        _ = try await session.respond(to: Self.text)
                        return (clock.now - start) / .milliseconds(1)
                    }
                    for (index, peer) in peers.enumerated() {
                        try await measure(proxy, isCounted, &theirs[index]) { try peer.turn() }
                    }
                }
                await store.close()
                return zip(peers, zip(libraries, theirs))
                    .flatMap { peer, pair in
                        cases(ours, pair.1, "\(pair.0.rawValue) \(peer.version)", messages)
                    }
            }
        }
    }

    private func openSession(of messages: Int, in store: RedisStore) async throws -> ModelSession {
        let model = FunctionModel { _ in .text(Self.text) }
        let boundary = Boundary(store: CachedStore(store, validation: .beforeCall))
        let session = try await boundary.session(SessionKey("session-\(messages)"), model: model)
        for _ in 0..<messages / 2 { _ = try await session.respond(to: Self.text) }
        return session
    }

    private func measure(
        _ proxy: FaultProxy,
        _ isCounted: Bool,
        _ cost: inout TurnCost,
        _ turn: () async throws -> Double
    ) async throws {
        let before = proxy.counts
        let time = try await turn()
        let after = proxy.counts
        guard isCounted else { return }
        cost.roundTrips.append(Double(after.roundTrips - before.roundTrips))
        cost.bytes.append(Double(after.requestBytes + after.replyBytes - before.requestBytes - before.replyBytes))
        cost.milliseconds.append(time)
    }

    private enum Side {
        case ours
        case theirs
    }

    private func cases(_ ours: TurnCost, _ theirs: TurnCost, _ peer: String, _ messages: Int) -> [Report.Case] {
        func item(_ name: String, _ unit: String, _ figures: (TurnCost) -> [Double]) -> Report.Case {
            let blocks = zip(figures(ours), figures(theirs)).map { [Side.ours: $0, Side.theirs: $1] }
            return Report.Case(
                name: "\(name) of a turn at \(messages) messages",
                peer: peer,
                ours: figures(ours).median,
                theirs: figures(theirs).median,
                unit: unit,
                ratio: Samples(seed: options.seed, blocks: blocks).ratio(of: .theirs, to: .ours)
            )
        }
        return [
            item("round trips", "round trips") { $0.roundTrips },
            item("bytes", "B") { $0.bytes },
            item("time", "ms") { $0.milliseconds },
        ]
    }
}
