internal import NIOConcurrencyHelpers
internal import Stateline

/// A load that several callers wait for: one of them asks the store.
final class SharedLoad: Sendable {
    private struct State {
        var result: CacheLoadResult?
        var nextID = 0
        var waiters: [Int: OneShot<CacheLoadResult>] = [:]
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
        for waiter in waiters.values { waiter.give(result) }
    }

    /// Waits for the load; returns at once if the task is cancelled.
    func wait() async -> CacheLoadResult {
        let waiter = OneShot<CacheLoadResult>()
        let (result, id): (CacheLoadResult?, Int) = state.withLockedValue { state in
            if let result = state.result { return (result, 0) }
            state.nextID += 1
            state.waiters[state.nextID] = waiter
            return (nil, state.nextID)
        }
        if let result { return result }
        return await waiter.value {
            state.withLockedValue { $0.waiters[id] = nil }
            return .cancelled
        }
    }
}
