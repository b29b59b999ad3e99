import Stateline
import Testing

/// A store that implements nothing that it may leave out.
private struct BareStore: SessionStore {
    func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult { .gone(.absent) }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult { .gone(.absent) }

    func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult { .gone(.absent) }

    func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult {
        .gone(.absent)
    }

    func list(_ tenant: Tenant, cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        ListPage(keys: [], next: nil)
    }
}

@Suite struct LeaseTests {
    @Test func `a store that counts no renewals says so`() async throws {
        let store = BareStore()
        for turn in [nil, TurnID.random()] {
            let lease = try await store.lease(of: SessionKey("session"), renewing: turn)
            #expect(lease == .unsupported)
        }
    }
}
