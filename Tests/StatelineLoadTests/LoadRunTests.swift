import Foundation
import NIOCore
import Stateline
import StatelineMemory
import StatelineTesting
import Testing

@testable import StatelineLoad

@Suite(.timeLimit(.minutes(5))) struct LoadRunTests {
    /// Sessions that grow, are cut in the middle of an entry, at its end, at nothing, and go on.
    private static let trace = """
        session,in_tok,shared_tok,out_tok,api_s,think_s
        a,1000,0,50,0,0
        a,1100,960,500,0,0
        b,300,0,10,0,0
        a,1900,1088,20,0,0
        a,700,640,20,0,0
        b,290,128,10,0,0
        a,750,640,0,0,0
        b,500,256,5,0,0
        a,900,0,7,0,0
        b,700,448,700,0,0
        a,1000,896,7,0,0
        b,720,640,7,0,0
        """
    private static let sent = 9_860
    /// Each request without the one before it, or without what the trace says where that was rewritten.
    private static let new = 1000 + 100 + 800 + 60 + 50 + 900 + 100 + (300 + 162 + 210 + 200 + 20)
    private static let newBlocks = 1000 + 140 + 812 + 60 + 110 + 900 + 104 + (300 + 162 + 244 + 252 + 80)

    private func run(
        _ workload: Workload,
        on target: LoadTarget,
        _ change: (inout LoadConfiguration) -> Void = { _ in }
    ) async throws -> LoadReport {
        var configuration = LoadConfiguration(workload.parameters(sessions: nil, rate: 1000, speed: 1e6), workers: 3)
        change(&configuration)
        return try await LoadRun(workload, against: target, configuration).run()
    }

    private static let targets: [(name: String, make: @Sendable () -> LoadTarget)] = [
        ("memory", { LoadTarget(MemoryStore(), name: "memory") }),
        ("cached", { LoadTarget(MemoryStore(), name: "cached") { MemoryCache() } }),
        ("none", { .stateless }),
    ]

    @Test(arguments: ["memory", "cached", "none"], [false, true])
    func `a replayed trace sends what it says, and its own crossings tell what was new`(
        _ name: String,
        _ isClosed: Bool
    ) async throws {
        let trace = try Trace(ByteBuffer(string: Self.trace))
        let target = try #require(Self.targets.first { $0.name == name }).make()
        let report = try await run(.replaying(trace), on: target) { $0.isClosed = isClosed }
        #expect(report.errors == 0, "\(report.errorReasons)")
        #expect(report.calls == 12 && report.turns == 12 && report.sessions == 2)
        #expect(report.sentTokens == Self.sent)
        #expect(report.newTokens == Self.new)
        #expect(report.newTokensBlocks == Self.newBlocks)
        #expect(report.sentBytes == 4 * Self.sent && report.newBytes == 4 * Self.new)
        #expect(report.audit?.isClean == true)
        #expect(report.isClosed == isClosed)
        if name == "none" {
            #expect(report.storeRoundTrips == 0 && report.audit?.acknowledged == 0)
        } else {
            // A load and a creation for each session, a commit for each turn, and one more where history was rewritten.
            #expect(report.storeRoundTrips == 2 * 2 + 12 + 3)
            #expect(report.audit?.acknowledged == 2 + 12 + 3)
            #expect(report.storeBytesWritten > 4 * Self.new)
        }
    }

    @Test(arguments: ["agentic", "chat", "tools", "hot", "cold", "branching"])
    func `a workload runs to its end and loses nothing`(_ name: String) async throws {
        let workload = try #require(Workload.all.first { $0.name == name })
        let report = try await run(workload, on: LoadTarget(MemoryStore(), name: "memory", cache: { MemoryCache() })) {
            $0.parameters.sessions = 5
            $0.modelTime = .fixed(.zero)
            $0.parameters.duration = name == "hot" ? .seconds(0.05) : nil
        }
        #expect(report.errors == 0, "\(report.errorReasons)")
        #expect(report.sessions == 5)
        #expect(report.heldBatches == 0)
        #expect(report.turns > 10 && (name == "tools" ? report.calls > report.turns : report.calls == report.turns))
        #expect(report.audit?.isClean == true)
        #expect(report.newTokens > 0 && report.sentTokens > report.newTokens)
        #expect(report.intended.count == report.turns && report.service.count == report.turns)
    }

    @Test func `the report in JSON has the keys that were promised`() async throws {
        let report = try await run(.chat, on: LoadTarget(MemoryStore(), name: "memory")) {
            $0.parameters.sessions = 2
            $0.baseline = MemoryCells()
        }
        let object = try JSONSerialization.jsonObject(with: Data(try report.json.utf8))
        let root = try #require(object as? [String: Any])
        let keys: Set = [
            "calls", "turns", "sessions", "sent_tokens", "new_tokens", "amplification", "new_tokens_blocks",
            "amplification_blocks", "sent_bytes", "new_bytes", "store_bytes_written", "store_bytes_read",
            "store_round_trips", "errors", "audit", "intended", "service", "overhead_ratio",
        ]
        #expect(keys.isSubset(of: root.keys))
        let audit = try #require(root["audit"] as? [String: Any])
        for name in ["lost", "duplicated", "reordered", "foreign"] { #expect(audit[name] as? Int == 0) }
        for name in ["intended", "service"] {
            let times = try #require(root[name] as? [String: Any])
            #expect(Set(["p50_us", "p99_us", "p999_us", "max_us"]).isSubset(of: times.keys))
        }
        let baselines = try #require(root["baselines"] as? [[String: Any]])
        #expect(baselines.map { $0["kind"] as? String } == ["whole-state"])
        #expect(baselines[0]["round_trips"] as? Int == 2 * report.turns)
    }

    @Test func `a baseline writes the whole state for each turn`() async throws {
        let trace = try Trace(ByteBuffer(string: Self.trace))
        let report = try await run(.replaying(trace), on: LoadTarget(MemoryStore(), name: "memory")) {
            $0.baseline = MemoryCells()
        }
        let kept = trace.sessions.flatMap(\.turns).reduce(0) { $0 + $1.requestTokens + $1.keptTokens }
        #expect(report.baseline(.wholeState)?.bytesWritten == 4 * kept)
        let last = trace.sessions.compactMap(\.turns.last).reduce(0) { $0 + $1.requestTokens + $1.keptTokens }
        #expect(report.baseline(.wholeState)?.bytesRead == 4 * (kept - last))
    }

    @Test func `a store that loses what it acknowledged is found out`() async throws {
        let report = try await run(.chat, on: LoadTarget(ForgetfulStore(base: MemoryStore()), name: "forgetful")) {
            $0.parameters.sessions = 20
        }
        let audit = try #require(report.audit)
        #expect(audit.lost > 0)
        #expect(!audit.findings.isEmpty)
    }

    @Test func `a store that fails is counted, and the sessions go on`() async throws {
        let report = try await run(.chat, on: LoadTarget(FailingStore(base: MemoryStore()), name: "failing")) {
            $0.parameters.sessions = 20
        }
        #expect(report.errors > 0 && report.turns > report.errors)
        #expect(report.errorReasons.values.reduce(0, +) == report.errors)
        #expect(report.sessions == 20)
        #expect(report.heldBatches == 0)
        #expect(report.audit?.isClean == true)
    }

    @Test func `a run that is stopped reports what was done`() async throws {
        let (stop, continuation) = AsyncStream.makeStream(of: Void.self)
        var configuration = LoadConfiguration(Workload.chat.parameters(sessions: 5, rate: 1000))
        configuration.modelTime = .fixed(.seconds(100_000))
        continuation.yield()
        let report = try await LoadRun(.chat, against: LoadTarget(MemoryStore(), name: "memory"), configuration)
            .run(until: stop)
        #expect(report.isInterrupted)
        #expect(report.turns == 0 && report.errors == 0)
        #expect(report.audit?.isClean == true)
    }

    @Test func `what begins before a run is warm counts in all but its latencies`() async throws {
        let trace = try Trace(ByteBuffer(string: Self.trace))
        let report = try await run(.replaying(trace), on: .stateless) { $0.warmUp = .seconds(3600) }
        #expect(report.turns == 12 && report.newTokens == Self.new)
        #expect(report.intended.count == 0 && report.service.count == 0 && report.lateness.count == 0)
        #expect(!report.isVoid)
    }

    @Test func `sessions are deleted where they are not to be kept`() async throws {
        let store = MemoryStore()
        for deletes in [true, false] {
            _ = try await run(.branching, on: LoadTarget(store, name: "memory")) {
                $0.parameters.sessions = 20
                $0.modelTime = .fixed(.zero)
                $0.deletes = deletes
            }
            let page = try await store.list("load", cursor: nil, limit: 1000)
            #expect(deletes ? page.keys.isEmpty : page.keys.count >= 20)
        }
    }

    @Test func `an open loop of which the generator is late is void, a closed one is not`() {
        var sum = Measurements()
        let configuration = LoadConfiguration(.init(sessions: 1, rate: 1))
        for _ in 0..<100 {
            let late = Duration.milliseconds(2)
            sum.ended(TurnCost(), due: .zero, began: late, ended: .milliseconds(100), lateness: late)
        }
        #expect(LoadReport(sum, workload: .chat, configuration: configuration).isVoid)
        var closed = configuration
        closed.isClosed = true
        #expect(!LoadReport(sum, workload: .chat, configuration: closed).isVoid)
        var punctual = Measurements()
        punctual.ended(TurnCost(), due: .zero, began: .zero, ended: .milliseconds(100), lateness: .microseconds(900))
        #expect(!LoadReport(punctual, workload: .chat, configuration: configuration).isVoid)
    }
}
