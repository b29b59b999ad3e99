import Stateline
import StatelineTesting
import Synchronization

/// A store whose appends hang while it is held.
final class HeldStore: ForwardingStore {
    private struct State {
        var isHeld = false
        /// How many appends pass before the first one that hangs.
        var passing = 0
        var hanging: [CheckedContinuation<Void, Never>] = []
        var waiter: CheckedContinuation<Void, Never>?
    }

    let base: any SessionStore
    private let state = Mutex(State())

    init(_ store: any SessionStore) {
        self.base = store
    }

    /// Lets appends hang from now on, some more aside.
    func hold(after passing: Int = 0) {
        state.withLock {
            $0.isHeld = true
            $0.passing = passing
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

    /// Returns once an append hangs.
    func waitUntilHanging() async {
        await withCheckedContinuation { continuation in
            let isHanging = state.withLock { state in
                if state.hanging.isEmpty { state.waiter = continuation }
                return !state.hanging.isEmpty
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
                guard state.isHeld else { return (true, nil) }
                guard state.passing == 0 else {
                    state.passing -= 1
                    return (true, nil)
                }
                state.hanging.append(continuation)
                defer { state.waiter = nil }
                return (false, state.waiter)
            }
            waiter?.resume()
            if passes { continuation.resume() }
        }
        return try await base.append(batch, to: key, expecting: position)
    }
}
