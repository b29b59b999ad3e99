internal import Synchronization

/// The queue of one session's turns in this process, shared by all handles on the session.
final class TurnGate: Sendable {
    private enum Admission {
        case entered
        case cancelled
        case refused
    }

    private let key: SessionKey
    private let number: Int
    private let gates: TurnGates
    private let queue: Mutex<TurnGateStateMachine<CheckedContinuation<Admission, Never>>>

    fileprivate init(_ key: SessionKey, number: Int, in gates: TurnGates) {
        self.key = key
        self.number = number
        self.gates = gates
        self.queue = Mutex(TurnGateStateMachine(limit: gates.limit))
    }

    deinit {
        gates.released(key, number: number)
    }

    /// The number of turns that wait.
    var waitingCount: Int { queue.withLock { $0.waitingCount } }

    /// Waits until the turn may begin.
    ///
    /// It holds the gate from then on, until ``turnEnded(_:)``.
    ///
    /// - Throws: ``SessionError/tooManyWaitingTurns(_:limit:)`` at once if the queue is full, or
    ///   ``SessionError/cancelled(draft:)``. The turn does not hold the gate then.
    func enter(_ turn: TurnID) async throws(SessionError) {
        if queue.withLock({ $0.turnArrived(turn) }) { return }
        let admission = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let decided: Admission? = queue.withLock { queue in
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
            queue.withLock { $0.turnLeft(turn) }?.resume(returning: .cancelled)
        }
        switch admission {
        case .entered: return
        case .cancelled: throw .cancelled()
        case .refused: throw .tooManyWaitingTurns(key, limit: gates.limit)
        }
    }

    /// The turn has ended, whichever way: the next one begins.
    func turnEnded(_ turn: TurnID) {
        queue.withLock { $0.turnEnded(turn) }?.resume(returning: .entered)
    }
}

/// The gates of the sessions that have a handle in this process.
///
/// A gate lives as long as a handle on its session does.
final class TurnGates: Sendable {
    private struct Place {
        /// Tells this place from a later one of the same key.
        let number: Int
        weak var gate: TurnGate?
    }

    private struct State {
        var places: [SessionKey: Place] = [:]
        var created = 0
    }

    /// The most turns of one session that wait.
    let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = limit
    }

    /// The number of sessions that have a gate.
    var count: Int { state.withLock { $0.places.count } }

    /// Returns the gate of a session, the same one for all its handles.
    ///
    /// - Complexity: O(1), once for each handle.
    func gate(of key: SessionKey) -> TurnGate {
        state.withLock { state in
            if let gate = state.places[key]?.gate { return gate }
            state.created += 1
            let gate = TurnGate(key, number: state.created, in: self)
            state.places[key] = Place(number: state.created, gate: gate)
            return gate
        }
    }

    fileprivate func released(_ key: SessionKey, number: Int) {
        state.withLock { state in
            // The object is not looked at here: its last reference could then go under the lock.
            if state.places[key]?.number == number { state.places[key] = nil }
        }
    }
}
