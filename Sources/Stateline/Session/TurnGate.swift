internal import NIOConcurrencyHelpers

/// The queue of one session's turns in this process, shared by all handles on the session.
final class TurnGate: Sendable {
    private enum Admission {
        case entered
        case cancelled
        case refused
    }

    private let key: SessionKey
    private let limit: Int
    private let queue: NIOLockedValueBox<TurnGateStateMachine<CheckedContinuation<Admission, Never>>>

    /// Makes a gate that is open.
    ///
    /// - Parameters:
    ///   - key: The session.
    ///   - limit: The maximum number of waiting turns.
    init(_ key: SessionKey, limit: Int) {
        self.key = key
        self.limit = limit
        self.queue = NIOLockedValueBox(TurnGateStateMachine(limit: limit))
    }

    /// The number of turns that wait.
    var waitingCount: Int { queue.withLockedValue { $0.waitingCount } }

    /// Waits until the turn may begin.
    ///
    /// It holds the gate from then on, until ``turnEnded(_:)``.
    ///
    /// - Throws: ``SessionError/tooManyWaitingTurns(_:limit:)`` at once if the queue is full, or
    ///   ``SessionError/cancelled(draft:)``. The turn does not hold the gate then.
    func enter(_ turn: TurnID) async throws(SessionError) {
        if queue.withLockedValue({ $0.turnArrived(turn) }) { return }
        let admission = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let decided: Admission? = queue.withLockedValue { queue in
                    // Under the lock, so that a cancellation after this finds the turn in the queue.
                    if Task.isCancelled { return .cancelled }
                    switch queue.turnArrived(turn, waitingWith: continuation) {
                    case .enter: return .entered
                    case .wait: return nil
                    case .refuse: return .refused
                    }
                }
                if let decided { continuation.resume(returning: decided) }
            }
        } onCancel: {
            queue.withLockedValue { $0.turnLeft(turn) }?.resume(returning: .cancelled)
        }
        switch admission {
        case .entered: return
        case .cancelled: throw .cancelled()
        case .refused: throw .tooManyWaitingTurns(key, limit: limit)
        }
    }

    /// Lets the next turn begin: the turn has ended, whatever the outcome.
    func turnEnded(_ turn: TurnID) {
        queue.withLockedValue { $0.turnEnded(turn) }?.resume(returning: .entered)
    }
}
