import Foundation
import NIOConcurrencyHelpers
import Stateline
import StatelineMemory
import StatelineTesting
import Testing

/// The plain way to a store in memory, and what it costs to open a session by it.
@Suite struct BoundaryCacheTests {
    let key = SessionKey("session")

    private func session(_ turns: Int, in boundary: Boundary) async throws {
        let session = try await boundary.session(key, model: Echo(), opening: .create)
        for turn in 0..<turns { try await session.respond(to: "turn \(turn)") }
    }

    @Test func `a handle on a memory store is opened without rendering its history`() async throws {
        let boundary = Boundary(store: MemoryStore())
        try await session(10, in: boundary)
        for turn in 0..<3 {
            let model = Echo()
            let session = try await boundary.session(key, model: model)
            let response = try await session.respond(to: "next")
            #expect(response.trace.cacheOutcome == .hit)
            #expect(response.trace.storeRoundTrips == 1)
            #expect(response.trace.storeBytesRead == 0)
            #expect(response.content == "saw \(21 + 2 * turn)")
            #expect(model.renderedCount <= 2, "of a turn the prompt and the response")
        }
    }

    @Test func `boundaries of one memory store share its cache`() async throws {
        let store = MemoryStore()
        try await session(10, in: Boundary(store: store))
        let model = Echo()
        let response = try await Boundary(store: store).session(key, model: model).respond(to: "next")
        #expect(response.trace.cacheOutcome == .hit)
        #expect(model.renderedCount <= 2)
        #expect(store.cache.statistics.sessions == 1)
    }

    @Test func `a store in a wrapper keeps its cache`() async throws {
        let log = NIOLockedValueBox<[String]>([])
        let boundary = Boundary(store: LoggingStore(base: MemoryStore(), log: log), cache: MemoryCache())
        let first = try await boundary.session(key, model: Echo())
        let second = try await boundary.session(key, model: Echo())
        #expect(try await first.respond(to: "by the first").trace.cacheOutcome == .hit)
        #expect(try await second.respond(to: "by the second").content == "saw 3")
        #expect(try await second.checkout("next").base.revision == 3)
        #expect(log.withLockedValue { $0 } == ["append 1", "append 2", "append 3"])
    }

    @Test func `a wrapped memory store may keep the cache of the store`() async throws {
        let store = MemoryStore()
        let wrapped = LoggingStore(base: store, log: NIOLockedValueBox([]))
        let boundary = Boundary(store: wrapped, cache: store.cache)
        try await session(1, in: boundary)
        try await Boundary(store: store as any SessionStore).session(key, model: Echo()).respond(to: "elsewhere")
        // It is compared with the store, so it is not older although no validation is asked for.
        #expect(try await boundary.session(key, model: Echo()).respond(to: "next").content == "saw 5")
    }

    @Test func `a handle on a memory store begins with what another cache of it committed`() async throws {
        let store = MemoryStore()
        let here = Boundary(store: store)
        let there = Boundary(store: store, cache: MemoryCache())
        try await session(1, in: here)
        try await there.session(key, model: Echo()).respond(to: "there")
        let session = try await here.session(key, model: Echo())
        #expect(session.transcript.count == 4)
        try await there.session(key, model: Echo()).respond(to: "again")
        #expect(try await session.respond(to: "here").content == "saw 7")
    }

    @Test func `a handle on a memory store is not opened on a session that has ended`() async throws {
        let clock = ManualClock()
        let store = MemoryStore(lifetime: .idle(.seconds(100)), clock: clock)
        let boundary = Boundary(store: store)
        try await session(1, in: boundary)
        let held = try await boundary.session(key, model: Echo())
        clock.advance(by: .seconds(100))
        await #expect(throws: SessionError.gone(key, .expired)) { try await boundary.session(key, model: Echo()) }
        let model = Echo()
        let late = try? await held.respond(to: "late")
        #expect(late == nil)
        #expect(model.bodies.isEmpty)
        let other = SessionKey("other")
        _ = try await boundary.session(other, model: Echo(), opening: .create)
        #expect(try await store.delete(other, expecting: nil) == .deleted)
        await #expect(throws: SessionError.gone(other, .deleted)) { try await boundary.session(other, model: Echo()) }
    }

    @Test func `a decorated store keeps the cache that it is given`() async throws {
        let store = HeldStore(MemoryStore())
        let boundary = Boundary(store: store, cache: MemoryCache())
        try await session(3, in: boundary)
        let loads = store.count(of: .load)
        let response = try await boundary.session(key, model: Echo()).respond(to: "next")
        #expect(response.trace.cacheOutcome == .hit)
        #expect(store.count(of: .load) == loads)
    }

    /// `STATELINE_ENTRIES` prints what an opening costs at so many entries, on the plain way and on a bare store.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["STATELINE_ENTRIES"] != nil))
    func `the cost of an opening does not grow with the history`() async throws {
        let entries = try #require(ProcessInfo.processInfo.environment["STATELINE_ENTRIES"].flatMap { Int($0) })
        let store = MemoryStore()
        var writer = LogWriter(key)
        for number in 0..<entries {
            let position = writer.position
            _ = try await store.append(writer.append(.prompt("entry \(number)")), to: key, expecting: position)
        }
        let bare: any SessionStore = store
        for (name, boundary) in [("plain", Boundary(store: store)), ("bare", Boundary(store: bare))] {
            _ = try await boundary.session(key, model: Echo())
            let count = name == "plain" ? 1000 : 10
            let time = try await ContinuousClock()
                .measure {
                    for _ in 0..<count { _ = try await boundary.session(key, model: Echo()) }
                }
            print("BoundaryCacheTests: \(name), \(entries) entries: \(time / count) an opening")
        }
    }
}

/// A store that notes what is appended to another one.
private struct LoggingStore: ForwardingStore {
    let base: any SessionStore
    let log: NIOLockedValueBox<[String]>

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        log.withLockedValue { $0.append("append \(batch.position.revision)") }
        return try await base.append(batch, to: key, expecting: position)
    }
}
