import StatelineMemory
import StatelineTesting
import Synchronization

@testable import Stateline

/// A store whose appends do what a script says.
final class ScriptStore: ForwardingStore {
    enum Step: Sendable {
        case pass
        case fail(StoreError.Reason, StoreError.Committed)
        case commitAndFail(StoreError.Reason, StoreError.Committed)
        /// Takes as long as the task is not cancelled.
        case hang(StoreError.Committed)
        /// Takes until the value is given, whether cancelled or not.
        case stubborn(OneShot<Void>, StoreError.Committed)
    }

    let base: any SessionStore
    let steps = Mutex<[Step]>([])
    let count = Mutex(0)

    init(_ base: any SessionStore) { self.base = base }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        count.withLock { $0 += 1 }
        switch steps.withLock({ $0.isEmpty ? .pass : $0.removeFirst() }) {
        case .pass: return try await base.append(batch, to: key, expecting: position)
        case .fail(let reason, let committed): throw StoreError(reason, committed: committed, message: "x")
        case .commitAndFail(let reason, let committed):
            _ = try await base.append(batch, to: key, expecting: position)
            throw StoreError(reason, committed: committed, message: "x")
        case .hang(let committed):
            try? await Task.sleep(for: .seconds(3600))
            throw StoreError(.unavailable, committed: committed, message: "x")
        case .stubborn(let end, let committed):
            await end.value()
            throw StoreError(.unavailable, committed: committed, message: "x")
        }
    }
}
