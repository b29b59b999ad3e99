import NIOConcurrencyHelpers
import NIOCore
import Stateline
import StatelineMemory
import StatelineTesting
import Testing

@testable import StatelineLoad

/// What is done beside the turns counts to nobody else.
@Suite(.timeLimit(.minutes(5))) struct BaselineTests {
    private func run(_ target: LoadTarget, _ change: (inout LoadConfiguration) -> Void) async throws -> LoadReport {
        var configuration = LoadConfiguration(
            Workload.branching.parameters(sessions: 6, rate: 1000, speed: 1e6, seed: 9)
        )
        configuration.modelTime = .fixed(.zero)
        configuration.isClosed = true
        change(&configuration)
        return try await LoadRun(.branching, against: target, configuration).run()
    }

    @Test func `a raw round trip is made for each turn, and is none of ours`() async throws {
        let alone = try await run(LoadTarget(MemoryStore(), name: "memory")) { _ in }
        let store = LoadCount(base: MemoryStore())
        let report = try await run(LoadTarget(store, name: "memory")) {
            $0.measuresRoundTrips = true
            $0.countsStateless = true
            $0.baseline = MemoryCells()
        }
        let raw = try #require(report.baseline(.raw))
        #expect(raw.roundTrips == report.turns && raw.times.count == report.turns && raw.errors == 0)
        #expect(raw.bytesWritten == 0 && raw.bytesRead == 0)
        #expect(report.turns == alone.turns && report.errors == 0)
        #expect(report.storeRoundTrips == alone.storeRoundTrips)
        #expect(report.audit?.reads == alone.audit?.reads)
        // Nobody else asks for what is new where nothing is.
        #expect(store.current.withLockedValue { $0 } == report.turns)
        #expect(alone.baselines.isEmpty)
        #expect(report.baseline(.wholeState)?.roundTrips == 2 * report.turns)
    }

    @Test func `what is sent again is what a client without a store sends`() async throws {
        let stateless = try await run(.stateless) { _ in }
        let report = try await run(LoadTarget(MemoryStore(), name: "memory")) { $0.countsStateless = true }
        let client = try #require(report.baseline(.stateless))
        #expect(client.bytesWritten == stateless.sentBytes && stateless.sentBytes > 0)
        #expect(client.roundTrips == stateless.calls)
        #expect(client.times.count == 0)
    }

    @Test func `a baseline that fails is no failure of a turn`() async throws {
        let report = try await run(LoadTarget(MemoryStore(), name: "memory")) { $0.baseline = BrokenCells() }
        #expect(report.errors == 0 && report.turns > 0)
        #expect(report.baseline(.wholeState)?.errors == report.turns)
        #expect(report.baseline(.wholeState)?.roundTrips == 0)
    }

    @Test func `JSON has each baseline under its kind`() async throws {
        let report = try await run(LoadTarget(MemoryStore(), name: "memory")) {
            $0.measuresRoundTrips = true
            $0.countsStateless = true
            $0.baseline = MemoryCells()
        }
        let json = try report.json
        for kind in ["whole-state", "raw", "stateless"] { #expect(json.contains(#""kind":"\#(kind)""#)) }
        #expect(json.contains(#""baselines":["#))
        #expect(json.contains(#""overhead":{"count":\#(report.turns),"#))
    }
}

/// A store that counts loads that find nothing new.
private final class LoadCount: ForwardingStore {
    let base: any SessionStore
    let current = NIOLockedValueBox(0)

    init(base: any SessionStore) {
        self.base = base
    }

    func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        let result = try await base.load(key, after: position)
        if case .current = result { current.withLockedValue { $0 += 1 } }
        return result
    }
}

private struct BrokenCells: StateCells {
    private struct Broken: Error {}

    func get(_ key: String) async throws -> ByteBuffer? { throw Broken() }
    func set(_ key: String, _ value: ByteBuffer) async throws { throw Broken() }
    func delete(_ keys: [String]) async throws { throw Broken() }
}
