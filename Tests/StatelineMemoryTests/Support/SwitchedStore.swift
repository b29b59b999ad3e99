import NIOConcurrencyHelpers
import Stateline

/// A store that can become another one, as after a failover.
final class SwitchedStore: SessionStore {
    private let store: NIOLockedValueBox<any SessionStore>

    init(_ store: any SessionStore) {
        self.store = NIOLockedValueBox(store)
    }

    private var current: any SessionStore { store.withLockedValue { $0 } }

    func switchTo(_ other: any SessionStore) {
        store.withLockedValue { $0 = other }
    }

    func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        try await current.load(key, after: position)
    }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        try await current.append(batch, to: key, expecting: position)
    }

    func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult {
        try await current.fork(key, at: position, to: fork, first: first)
    }

    func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult {
        try await current.delete(key, expecting: position)
    }

    func list(_ tenant: Tenant, cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        try await current.list(tenant, cursor: cursor, limit: limit)
    }
}
