import NIOConcurrencyHelpers
import Stateline
import StatelineTesting

/// A store that counts what it is asked, and holds replies back until it is told to let them go.
///
/// A reply that is held was made by the store beneath already: what happens meanwhile is not in it.
final class HeldStore: ForwardingStore {
    enum Operation: Hashable, Sendable {
        case load
        case append
        case fork
        case delete
    }

    private struct Holding {
        var count = 0
        var heldCount = 0
        var isHeld = false
        /// Whether a reply that is held is lost where the task that waits for it is cancelled.
        var losesCancelled = false
        var held: [Int: CheckedContinuation<Bool, Never>] = [:]
        var cancelled: Set<Int> = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    let base: any SessionStore
    private let state = NIOLockedValueBox<[Operation: Holding]>([:])

    init(_ base: any SessionStore) {
        self.base = base
    }

    /// How often an operation was asked for.
    func count(of operation: Operation) -> Int { state.withLockedValue { $0[operation]?.count ?? 0 } }

    /// How often anything was asked for.
    var roundTrips: Int { state.withLockedValue { $0.values.reduce(0) { $0 + $1.count } } }

    /// Holds back the replies of an operation from now on.
    func hold(_ operation: Operation, losingCancelled: Bool = false) {
        state.withLockedValue { state in
            state[operation, default: Holding()].isHeld = true
            state[operation]?.losesCancelled = losingCancelled
        }
    }

    /// Waits until so many replies of an operation were held, since the store was made.
    func waitForHeld(_ operation: Operation, _ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLockedValue { state in
                if state[operation, default: Holding()].heldCount >= count { return true }
                state[operation]?.watchers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Lets go what is held, and holds nothing more.
    func release(_ operation: Operation) {
        let held = state.withLockedValue { state in
            defer { state[operation]?.held = [:] }
            state[operation]?.isHeld = false
            return state[operation]?.held ?? [:]
        }
        for continuation in held.values { continuation.resume(returning: true) }
    }

    private func count(_ operation: Operation) -> Int {
        state.withLockedValue { state in
            state[operation, default: Holding()].count += 1
            return state[operation]?.count ?? 0
        }
    }

    /// Holds the reply, if it is to be held.
    private func reply(_ operation: Operation, _ id: Int) async throws(StoreError) {
        let arrives = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
                let (isHeld, watchers) = state.withLockedValue { state in
                    keep(continuation, id, &state[operation, default: Holding()])
                }
                if !isHeld { continuation.resume(returning: true) }
                for watcher in watchers { watcher.resume() }
            }
        } onCancel: {
            let continuation = state.withLockedValue { state in
                guard state[operation]?.losesCancelled == true else { return nil as CheckedContinuation<Bool, Never>? }
                return state[operation]?.held.removeValue(forKey: id)
            }
            continuation?.resume(returning: false)
        }
        guard arrives else { throw StoreError(.unavailable, committed: .unknown, message: "the caller left") }
    }

    private func keep(
        _ continuation: CheckedContinuation<Bool, Never>,
        _ id: Int,
        _ holding: inout Holding
    ) -> (isHeld: Bool, watchers: [CheckedContinuation<Void, Never>]) {
        guard holding.isHeld else { return (false, []) }
        holding.held[id] = continuation
        holding.heldCount += 1
        let count = holding.heldCount
        let watchers = holding.watchers.filter { $0.count <= count }.map(\.continuation)
        holding.watchers.removeAll { $0.count <= count }
        return (true, watchers)
    }

    func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        let id = count(.load)
        let result = try await base.load(key, after: position)
        try await reply(.load, id)
        return result
    }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        let id = count(.append)
        let result = try await base.append(batch, to: key, expecting: position)
        try await reply(.append, id)
        return result
    }

    func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult {
        let id = count(.fork)
        let result = try await base.fork(key, at: position, to: fork, first: first)
        try await reply(.fork, id)
        return result
    }

    func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult {
        let id = count(.delete)
        let result = try await base.delete(key, expecting: position)
        try await reply(.delete, id)
        return result
    }
}
