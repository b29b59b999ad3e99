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
