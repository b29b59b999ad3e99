internal import NIOConcurrencyHelpers
internal import Synchronization

/// The unrecorded calls of a boundary's sessions, shared by its handles and its `run()`.
///
/// - Complexity: O(1) without a lock while it is empty, which is what a turn asks.
final class UnrecordedCallRegister: Sendable {
    private struct State {
        var table: UnrecordedCallTable
        /// The continuation that wakes the boundary's `run()`; `nil` while it does not run.
        var waker: AsyncStream<Void>.Continuation?
    }

    private let state: NIOLockedValueBox<State>
    /// `true` if the table is empty; written under the lock.
    private let hasNothing = Atomic(true)

    init(limit: Int) {
        self.state = NIOLockedValueBox(State(table: UnrecordedCallTable(limit: limit)))
    }

    /// The numbers of calls.
    var counts: UnrecordedCallCounts {
        state.withLockedValue { UnrecordedCallCounts(waiting: $0.table.callCount, forgotten: $0.table.forgottenCount) }
    }

    /// The sessions that have unrecorded calls.
    var sessions: [SessionLife] { read([]) { $0.sessions } }

    /// Returns `true` if a session's next turn has to find out first if the store takes batches.
    ///
    /// - Parameter session: The session; not evaluated while the register is empty.
    /// - Returns: `true` if the store failed, or the outcome of a batch is unknown.
    func needsCheck(_ session: @autoclosure () -> SessionLife) -> Bool {
        guard !isEmpty else { return false }
        let session = session()
        return state.withLockedValue { $0.table.needsCheck(session) }
    }

    /// Adds calls that no batch of the log holds.
    ///
    /// - Parameters:
    ///   - crossings: The calls.
    ///   - session: Their session.
    ///   - base: The newest known end of the session's log.
    ///   - isFailing: `true` if the store failed when the calls were to be written.
    ///   - isAnnounced: `true` if `run()` is to write them; `false` if the caller does.
    func add(
        _ crossings: [Crossing],
        of session: SessionLife,
        after base: LogEnd,
        isFailing: Bool = false,
        isAnnounced: Bool = true
    ) {
        guard !crossings.isEmpty || isFailing else { return }
        change(isAnnounced: isAnnounced) { $0.add(crossings, of: session, after: base, isFailing: isFailing) }
    }

    /// Adds the calls of a batch with an unknown outcome.
    ///
    /// - Parameters:
    ///   - record: The calls.
    ///   - session: Their session.
    ///   - isAnnounced: `true` if `run()` is to find out; `false` if the caller does.
    func add(unknown record: CallRecord, of session: SessionLife, isAnnounced: Bool = true) {
        change(isAnnounced: isAnnounced) { $0.add(unknown: record, of: session) }
    }

    /// Hands over the calls that are known to be missing, to be written with the next batch.
    ///
    /// - Parameter session: The session; not evaluated while the register is empty.
    /// - Returns: The calls; none if only a failure of the store is remembered, `nil` if there is nothing to find out.
    func takeKnown(_ session: @autoclosure () -> SessionLife) -> UnrecordedCallTable.Known? {
        guard !isEmpty else { return nil }
        let session = session()
        return change { $0.takeKnown(session) }
    }

    /// Hands over the records of batches with an unknown outcome, to find out.
    func takeUnknown(_ session: SessionLife) -> [CallRecord] {
        guard !isEmpty else { return [] }
        return change { $0.takeUnknown(session) }
    }

    /// Drops the calls of a turn: a batch that holds them is in the log.
    func recorded(_ turn: TurnID, of session: @autoclosure () -> SessionLife) {
        guard !isEmpty else { return }
        let session = session()
        change { $0.recorded(turn, of: session) }
    }

    /// Counts calls that no log can show any more.
    func forget(_ crossings: [Crossing]) {
        guard !crossings.isEmpty else { return }
        change { $0.forget(crossings.count) }
    }

    /// Drops all calls of a session that was erased, and counts them.
    func forget(_ key: SessionKey) {
        guard !isEmpty else { return }
        change { $0.forget(key) }
    }

    // A task that adds calls sees them here afterwards. Other threads may see them a little later, as they would see the
    // calls themselves.
    private var isEmpty: Bool { hasNothing.load(ordering: .acquiring) }

    private func read<Value>(_ none: Value, _ body: (UnrecordedCallTable) -> Value) -> Value {
        isEmpty ? none : state.withLockedValue { body($0.table) }
    }

    private func change<Value: Sendable>(
        isAnnounced: Bool = false,
        _ body: (inout UnrecordedCallTable) -> Value
    ) -> Value {
        let (value, waker) = state.withLockedValue { state in
            let value = body(&state.table)
            hasNothing.store(state.table.isEmpty, ordering: .releasing)
            return (value, isAnnounced ? state.waker : nil)
        }
        waker?.yield()
        return value
    }

    // MARK: The writer

    /// Begins to announce unrecorded calls; the first announcement is made at once.
    func startAnnouncing() -> AsyncStream<Void> {
        let (announcements, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLockedValue { state in
            precondition(state.waker == nil, "a boundary's run() must not be called while it runs")
            state.waker = waker
        }
        waker.yield()
        return announcements
    }

    /// Announces a session's calls again, if it has any.
    func announce(_ session: SessionLife) {
        let waker = read(nil) { $0.hasCalls(session) } == true ? state.withLockedValue { $0.waker } : nil
        waker?.yield()
    }

    /// Ends the announcements.
    func stopAnnouncing() {
        state.withLockedValue { $0.waker = nil }
    }
}

/// The numbers of calls that the ledgers of a boundary's sessions lack.
public struct UnrecordedCallCounts: Hashable, Sendable {
    /// The number of calls that wait in this process until a batch with them is in their session's log.
    public let waiting: Int
    /// The number of calls that no ledger will show: this process had no room for them, their session is gone, or the
    /// store lost its log.
    public let forgotten: Int
}
