import Stateline
import StatelineTesting
import Synchronization

/// A store that acknowledges each fifth batch of a session and does not keep it.
final class ForgetfulStore: ForwardingStore {
    let base: any SessionStore

    init(base: any SessionStore) {
        self.base = base
    }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        if batch.position.revision == 5 { return .committed(.memory) }
        return try await base.append(batch, to: key, expecting: position)
    }
}

/// A store of which each seventh append fails, and was done or not.
final class FailingStore: ForwardingStore {
    let base: any SessionStore
    private let count = Atomic<Int>(0)

    init(base: any SessionStore) {
        self.base = base
    }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        let count = count.wrappingAdd(1, ordering: .relaxed).newValue
        guard count.isMultiple(of: 7) else { return try await base.append(batch, to: key, expecting: position) }
        if count.isMultiple(of: 2) {
            let result = try await base.append(batch, to: key, expecting: position)
            guard case .committed = result else { return result }
            throw StoreError(.unavailable, committed: .yes, message: "a test's failure")
        }
        throw StoreError(.unavailable, committed: .no, message: "a test's failure")
    }
}

/// A store that shows something else of one session than it has.
struct ShowingStore: ForwardingStore {
    let base: any SessionStore
    let key: SessionKey
    let show: @Sendable () throws(StoreError) -> LoadResult

    func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        key == self.key ? try show() : try await base.load(key, after: position)
    }
}

/// A store that appends or does not, and fails.
struct UncertainStore: ForwardingStore {
    let base: any SessionStore
    let isKept: Bool
    let committed: StoreError.Committed

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        if isKept { _ = try await base.append(batch, to: key, expecting: position) }
        throw StoreError(.unavailable, committed: committed, message: "a test's failure")
    }
}

/// A store that acknowledges all, and keeps nothing.
struct AcknowledgingStore: ForwardingStore {
    let base: any SessionStore

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        .committed(.memory)
    }

    func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult {
        .forked
    }
}
