import Stateline
import StatelineTesting
import Synchronization

/// A store whose appends hang while it is held.
final class HeldStore: ForwardingStore {
    private struct State {
        var isHeld = false
        /// How many appends pass before the first one that hangs.
        var passing = 0
        /// The session whose appends hang; `nil` for all.
        var key: SessionKey?
        var hanging: [CheckedContinuation<Void, Never>] = []
        var waiter: CheckedContinuation<Void, Never>?
        /// How many appends the waiter waits for.
        var wanted = 1
    }

    let base: any SessionStore
    /// `nil` if the store is known to hang; else that of the base.
    let timeLimit: Duration?
    private let state = Mutex(State())

    init(_ store: any SessionStore, mayHang: Bool = false) {
        self.base = store
        self.timeLimit = mayHang ? nil : store.timeLimit
    }

    /// Lets appends hang from now on, some more aside; those of one session if there is a key.
    func hold(after passing: Int = 0, only key: SessionKey? = nil) {
        state.withLock {
            $0.isHeld = true
            $0.passing = passing
            $0.key = key
        }
    }

    /// Lets all appends go on.
    func release() {
        let hanging = state.withLock { state in
            state.isHeld = false
            defer { state.hanging = [] }
            return state.hanging
        }
        for continuation in hanging { continuation.resume() }
    }

    /// Returns once some appends hang.
    func waitUntilHanging(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isHanging = state.withLock { state in
                guard state.hanging.count < count else { return true }
                state.waiter = continuation
                state.wanted = count
                return false
            }
            if isHanging { continuation.resume() }
        }
    }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        await withCheckedContinuation { continuation in
            let (passes, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
                guard state.isHeld, state.key == nil || state.key == key else { return (true, nil) }
                guard state.passing == 0 else {
                    state.passing -= 1
                    return (true, nil)
                }
                state.hanging.append(continuation)
                guard state.hanging.count >= state.wanted else { return (false, nil) }
                defer { state.waiter = nil }
                return (false, state.waiter)
            }
            waiter?.resume()
            if passes { continuation.resume() }
        }
        return try await base.append(batch, to: key, expecting: position)
    }
}
