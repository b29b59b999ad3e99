/// The order of one session's turns in this process, apart from lock and I/O.
///
/// At most one turn holds the gate. At most `limit` others wait, in the order of their arrival. The waiter is the driver's
/// value: a continuation in a ``TurnGate``, a number in tests.
///
/// It can be copied, because the lock that the thread sanitizer sees holds copyable values only.
struct TurnGateStateMachine<Waiter> {
    /// The outcome of an arrival.
    enum ArrivalAction {
        /// The turn holds the gate.
        case enter
        /// The turn waits; the waiter is kept until it is resumed.
        case wait
        /// The queue is full; the waiter is not kept.
        case refuse
    }

    private enum State {
        /// No turn holds the gate, and none waits. Next: `held`.
        case free
        /// A turn holds the gate. Next: `held` by the first that waits, `free` if none does.
        case held(TurnID)
    }

    /// The maximum number of waiting turns.
    let limit: Int
    private var state = State.free
    /// The waiting turns, by the numbers of their places; none in the case `free`.
    private var waiting: [UInt64: (turn: TurnID, waiter: Waiter)] = [:]
    /// The places of the waiting turns.
    private var places: [TurnID: UInt64] = [:]
    private var firstPlace: UInt64 = 0
    private var nextPlace: UInt64 = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// The number of turns that wait.
    var waitingCount: Int { waiting.count }

    /// Admits a turn that does not wait, if the gate is free.
    ///
    /// - Returns: `true` if it holds the gate now.
    mutating func turnArrived(_ turn: TurnID) -> Bool {
        switch state {
        case .free:
            state = .held(turn)
            return true
        case .held: return false
        }
    }

    /// Admits a turn if the gate is free, and otherwise queues it, up to the limit.
    mutating func turnArrived(_ turn: TurnID, waitingWith waiter: Waiter) -> ArrivalAction {
        switch state {
        case .free:
            state = .held(turn)
            return .enter
        case .held where waiting.count >= limit: return .refuse
        case .held:
            waiting[nextPlace] = (turn, waiter)
            places[turn] = nextPlace
            nextPlace += 1
            return .wait
        }
    }

    /// Removes a waiting turn that gives up.
    ///
    /// - Returns: The waiter to resume, or `nil` if the turn does not wait: it holds the gate, or never arrived.
    mutating func turnLeft(_ turn: TurnID) -> Waiter? {
        guard let place = places.removeValue(forKey: turn) else { return nil }
        return waiting.removeValue(forKey: place)?.waiter
    }

    /// Passes the gate of an ended turn to the next one; does nothing if the turn does not hold the gate.
    ///
    /// - Returns: The waiter to resume: its turn holds the gate now.
    /// - Complexity: O(1), amortized over the turns that came.
    mutating func turnEnded(_ turn: TurnID) -> Waiter? {
        guard case .held(turn) = state else { return nil }
        // Places whose turns left are empty.
        while firstPlace < nextPlace {
            defer { firstPlace += 1 }
            guard let next = waiting.removeValue(forKey: firstPlace) else { continue }
            places[next.turn] = nil
            state = .held(next.turn)
            return next.waiter
        }
        state = .free
        return nil
    }
}

extension TurnGateStateMachine: Sendable where Waiter: Sendable {}
