import NIOCore
import Stateline
import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

@testable import StatelineLoad

/// A store that counts its loads.
private final class CountingStore: ForwardingStore {
    let base: any SessionStore = MemoryStore()
    private let count = Atomic(0)

    var loadCount: Int { count.load(ordering: .relaxed) }

    func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        count.wrappingAdd(1, ordering: .relaxed)
        return try await base.load(key, after: position)
    }
}

/// The calls that the stores of a load pass on.
@Suite struct StoreForwardingTests {
    @Test func `a metered and audited store forwards renewals of leases`() async throws {
        let key = SessionKey("session")
        let store = MemoryStore()
        let metered = MeteredStore(store)
        let outer = AppendAuditor().watching(metered)
        var writer = LogWriter(key)
        let origin = writer.position
        _ = try await outer.append(writer.append(.prompt("a")), to: key, expecting: origin)
        let calls = metered.counts.calls
        let turn = TurnID.random()
        let expected = LeaseResult.lease(of: turn, renewals: 1, position: writer.position)
        let renewed = try await outer.lease(of: key, renewing: turn)
        #expect(renewed == expected)
        let read = try await store.lease(of: key, renewing: nil)
        #expect(read == expected)
        #expect(metered.counts.calls == calls + 1)
    }

    @Test func `a metered and audited store forwards reads of newest batches, and counts them`() async throws {
        let store = CountingStore()
        let metered = MeteredStore(store)
        let outer = AppendAuditor().watching(metered)
        var writer = LogWriter(SessionKey("session"))
        let origin = writer.position
        let batch = writer.append(.prompt("a"))
        _ = try await outer.append(batch, to: writer.key, expecting: origin)
        metered.reset()
        let newest = try await outer.newest(of: [writer.key, SessionKey("absent")])
        #expect(newest == [batch, nil])
        #expect(metered.counts.calls == 1 && metered.counts.read == batch.bytes.readableBytes)
        #expect(store.loadCount == 0)
    }
}
