internal import NIOConcurrencyHelpers
internal import Stateline

/// A load that several callers wait for, of whom one asks the store.
final class Flight: Sendable {
    /// What a caller who waits is told.
    enum Landing: Sendable {
        /// The session; `nil` where there is none.
        case loaded(Snapshot?)
        /// Why there is no answer.
        case failed(SessionError)
        /// The caller who asked the store was cancelled: another one has to ask.
        case abandoned
        /// The caller who waits was cancelled.
        case cancelled
    }

    private struct State {
        var landing: Landing?
        var nextID = 0
        var waiters: [Int: CheckedContinuation<Landing, Never>] = [:]
        /// Waiters that were cancelled before they began to wait.
        var cancelled: Set<Int> = []
    }

    /// When the store was asked.
    let start: Duration
    private let state = NIOLockedValueBox(State())

    init(start: Duration) {
        self.start = start
    }

    /// How many callers wait.
    var waiterCount: Int { state.withLockedValue { $0.waiters.count } }

    /// Tells all who wait, and all who come late.
    func land(_ landing: Landing) {
        let waiters = state.withLockedValue { state in
            defer { state.waiters = [:] }
            state.landing = landing
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume(returning: landing) }
    }

    /// Waits for the load; at once where the task is cancelled.
    func wait() async -> Landing {
        let id = state.withLockedValue { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let landing: Landing? = state.withLockedValue { state in
                    if let landing = state.landing { return landing }
                    if state.cancelled.remove(id) != nil { return .cancelled }
                    state.waiters[id] = continuation
                    return nil
                }
                if let landing { continuation.resume(returning: landing) }
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
