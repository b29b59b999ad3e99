import Stateline
import StatelineTesting
import Synchronization

/// A store that can be taken down.
final class DownStore: ForwardingStore {
    enum Mode: Sendable {
        case up
        /// Nothing reaches it.
        case down
        /// It answers readers and takes no batch.
        case full
    }

    let base: any SessionStore
    private let current = Mutex(Mode.up)

    init(_ store: any SessionStore) {
        self.base = store
    }

    func become(_ mode: Mode) {
        current.withLock { $0 = mode }
    }

    func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        if current.withLock({ $0 }) == .down { throw StoreError(.unavailable, committed: .no, message: "down") }
        return try await base.load(key, after: position)
    }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        switch current.withLock({ $0 }) {
        case .up: return try await base.append(batch, to: key, expecting: position)
        case .down: throw StoreError(.unavailable, committed: .no, message: "down")
        case .full: throw StoreError(.full, committed: .no, message: "full")
        }
    }

    func newest(of keys: [SessionKey]) async throws(StoreError) -> [EncodedBatch?] {
        if current.withLock({ $0 }) == .down { throw StoreError(.unavailable, committed: .no, message: "down") }
        return try await base.newest(of: keys)
    }

    func lease(of key: SessionKey, renewing turn: TurnID?) async throws(StoreError) -> LeaseResult {
        if current.withLock({ $0 }) == .down { throw StoreError(.unavailable, committed: .no, message: "down") }
        return try await base.lease(of: key, renewing: turn)
    }
}
