internal import NIOConcurrencyHelpers
internal import Stateline

/// A load that several callers wait for: one of them asks the store.
final class SharedLoad: Sendable {
    private struct State {
        var result: CacheLoadResult?
        var nextID = 0
        var waiters: [Int: CheckedContinuation<CacheLoadResult, Never>] = [:]
        /// Waiters that were cancelled before they began to wait.
        var cancelled: Set<Int> = []
    }

    /// The time at which the store was asked.
    let start: Duration
    private let state = NIOLockedValueBox(State())

    init(start: Duration) {
        self.start = start
    }

    /// The number of callers that wait.
    var waiterCount: Int { state.withLockedValue { $0.waiters.count } }

    /// Resumes the callers that wait, and answers those that come later.
    func complete(_ result: CacheLoadResult) {
        let waiters = state.withLockedValue { state in
            defer { state.waiters = [:] }
            state.result = result
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume(returning: result) }
    }

    /// Waits for the load; returns at once if the task is cancelled.
    func wait() async -> CacheLoadResult {
        let id = state.withLockedValue { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let result: CacheLoadResult? = state.withLockedValue { state in
                    if let result = state.result { return result }
                    if state.cancelled.remove(id) != nil { return .cancelled }
                    state.waiters[id] = continuation
                    return nil
                }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            let waiter = state.withLockedValue { state in
                if let waiter = state.waiters.removeValue(forKey: id) { return Optional(waiter) }
                state.cancelled.insert(id)
                return nil
            }
            waiter?.resume(returning: .cancelled)
        }
    }
}
