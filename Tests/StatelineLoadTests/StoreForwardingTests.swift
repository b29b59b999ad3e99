import Stateline
import StatelineMemory
import StatelineTesting
import Testing

@testable import StatelineLoad

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
}
