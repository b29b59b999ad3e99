import Stateline
import Synchronization

/// A store whose appends fail on request, before or after they take effect.
final class FlakyStore: SessionStore {
    enum Failure: Sendable {
        /// The batch does not reach the store.
        case notSent
        /// The batch is committed and the reply is lost.
        case replyLost
        /// The batch is lost, and nobody can say so.
        case lostUnnoticed
    }

    private let store: any SessionStore
    private let failures = Mutex<[Failure]>([])
    private let appendCount = Mutex(0)

    init(_ store: any SessionStore) {
        self.store = store
    }

    /// How many appends were asked for.
    var appends: Int { appendCount.withLock { $0 } }

    func failNext(_ next: Failure...) {
        failures.withLock { $0 += next }
    }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        appendCount.withLock { $0 += 1 }
        switch failures.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
        case .notSent?: throw StoreError(.unavailable, committed: .no, message: "not sent")
        case .lostUnnoticed?: throw StoreError(.unavailable, committed: .unknown, message: "no reply")
        case .replyLost?:
            _ = try await store.append(batch, to: key, expecting: position)
            throw StoreError(.unavailable, committed: .unknown, message: "no reply")
        case nil: return try await store.append(batch, to: key, expecting: position)
        }
    }

    func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        try await store.load(key, after: position)
    }

    func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult {
        try await store.fork(key, at: position, to: fork, first: first)
    }

    func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult {
        try await store.delete(key, expecting: position)
    }

    func list(_ tenant: Tenant, cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        try await store.list(tenant, cursor: cursor, limit: limit)
    }
}
