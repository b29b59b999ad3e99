import NIOConcurrencyHelpers
import Stateline

/// The newest revision of each session that anybody was told is committed.
final class Acknowledged: Sendable {
    private let revisions = NIOLockedValueBox<[SessionKey: Revision]>([:])

    func revision(of key: SessionKey) -> Revision { revisions.withLockedValue { $0[key] ?? 0 } }

    func raise(_ key: SessionKey, to revision: Revision) {
        revisions.withLockedValue { $0[key] = max($0[key] ?? 0, revision) }
    }
}

/// A store that cannot be reached.
struct FailingStore: SessionStore {
    private let error = StoreError(.unavailable, committed: .no, message: "down")

    func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult { throw error }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult { throw error }

    func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult { throw error }

    func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult {
        throw error
    }

    func list(_ tenant: Tenant, cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage { throw error }

    func newest(of keys: [SessionKey]) async throws(StoreError) -> [EncodedBatch?] { throw error }

    func lease(of key: SessionKey, renewing turn: TurnID?) async throws(StoreError) -> LeaseResult { throw error }
}
