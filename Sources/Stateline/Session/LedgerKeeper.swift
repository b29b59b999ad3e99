internal import Synchronization

/// The debts of a boundary's sessions.
///
/// - Complexity: O(1) without a lock while nothing is owed, which is what a turn asks.
final class LedgerKeeper: Sendable {
    private struct State {
        var debts: LedgerDebts
        /// Wakes the boundary's `run()`; `nil` while there is none.
        var waker: AsyncStream<Void>.Continuation?
    }

    private let state: Mutex<State>
    /// Whether nothing is kept; written under the lock.
    private let hasNothing = Atomic(true)

    init(limit: Int) {
        self.state = Mutex(State(debts: LedgerDebts(limit: limit)))
    }

    /// The debts in numbers.
    var debt: LedgerDebt {
        state.withLock { LedgerDebt(callCount: $0.debts.callCount, forgottenCallCount: $0.debts.forgottenCount) }
    }

    /// The sessions to which calls are owed.
    var names: [LedgerDebts.Name] { read([]) { $0.names } }

    /// Tells whether a session's next turn has to find out first whether the store takes batches.
    ///
    /// - Parameter name: The session; not evaluated while nothing is owed.
    /// - Returns: `true` if something is owed to the session that the store did not take.
    func isPressing(_ name: @autoclosure () -> LedgerDebts.Name) -> Bool {
        guard !isEmpty else { return false }
        let name = name()
        return state.withLock { $0.debts.isPressing(name) }
    }

    /// Calls were made, and no batch with them is in the log.
    ///
    /// - Parameters:
    ///   - crossings: The calls.
    ///   - name: Their session.
    ///   - base: The newest head that is known of the session.
    ///   - isFailing: Whether the store failed when they were to be written.
    ///   - isAnnounced: Whether `run()` is to write them; not if the caller does.
    func owe(
        _ crossings: [Crossing],
        of name: LedgerDebts.Name,
        after base: Head,
        isFailing: Bool = false,
        isAnnounced: Bool = true
    ) {
        guard !crossings.isEmpty || isFailing else { return }
        change(isAnnounced: isAnnounced) { $0.owe(crossings, of: name, after: base, isFailing: isFailing) }
    }

    /// A batch that holds calls had an unknown outcome.
    ///
    /// - Parameters:
    ///   - calls: The calls.
    ///   - name: Their session.
    ///   - isAnnounced: Whether `run()` is to find out; not if the caller does.
    func doubt(_ calls: DoubtfulCalls, of name: LedgerDebts.Name, isAnnounced: Bool = true) {
        change(isAnnounced: isAnnounced) { $0.doubt(calls, of: name) }
    }

    /// Hands over the calls that are certainly not in the ledger, to be written with the next batch.
    ///
    /// - Parameter name: The session; not evaluated while nothing is owed.
    /// - Returns: The calls, none if it is only known that the store failed; `nil` if there is nothing to find out.
    func takeOwed(_ name: @autoclosure () -> LedgerDebts.Name) -> LedgerDebts.Owed? {
        guard !isEmpty else { return nil }
        let name = name()
        return change { $0.takeOwed(name) }
    }

    /// Hands over the calls that may be in the ledger, to find out.
    func takeDoubts(_ name: LedgerDebts.Name) -> [DoubtfulCalls] {
        guard !isEmpty else { return [] }
        return change { $0.takeDoubts(name) }
    }

    /// A batch of a turn that holds its calls is in the log.
    func recorded(_ turn: TurnID, of name: @autoclosure () -> LedgerDebts.Name) {
        guard !isEmpty else { return }
        let name = name()
        change { $0.recorded(turn, of: name) }
    }

    /// There is no log any more that could show the calls.
    func forget(_ crossings: [Crossing]) {
        guard !crossings.isEmpty else { return }
        change { $0.forget(crossings.count) }
    }

    // An owner of debts reads this after it wrote it; other threads may see it a little later, as they would see the
    // debts.
    private var isEmpty: Bool { hasNothing.load(ordering: .acquiring) }

    private func read<Value>(_ none: Value, _ body: (LedgerDebts) -> Value) -> Value {
        isEmpty ? none : state.withLock { body($0.debts) }
    }

    private func change<Value: Sendable>(
        isAnnounced: Bool = false,
        _ body: (inout LedgerDebts) -> Value
    ) -> Value {
        let (value, waker) = state.withLock { state in
            let value = body(&state.debts)
            hasNothing.store(state.debts.isEmpty, ordering: .releasing)
            return (value, isAnnounced ? state.waker : nil)
        }
        waker?.yield()
        return value
    }

    // MARK: The writer

    /// Begins to announce debts; the first announcement is there at once.
    func startAnnouncing() -> AsyncStream<Void> {
        let (announcements, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { state in
            precondition(state.waker == nil, "a boundary's run() is called once at a time")
            state.waker = waker
        }
        waker.yield()
        return announcements
    }

    /// Ends the announcements.
    func stopAnnouncing() {
        state.withLock { $0.waker = nil }
    }
}

/// The calls that the ledgers of a boundary's sessions lack.
public struct LedgerDebt: Hashable, Sendable {
    /// The number of calls that are kept in this process until a batch with them is in their session's log.
    public let callCount: Int
    /// The number of calls that no ledger will show: there was no room for them here, their session is gone, or the store
    /// lost it.
    public let forgottenCallCount: Int
}
