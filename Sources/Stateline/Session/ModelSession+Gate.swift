extension ModelSession {
    /// Waits for the earlier turns of the session, if the boundary enqueues turns.
    ///
    /// - Parameters:
    ///   - id: The turn.
    ///   - checkout: The state that the turn begins with; read again after the wait.
    ///   - stopwatch: Measures the wait.
    /// - Throws: ``SessionError``: tooManyWaitingTurns or cancelled.
    func enter(
        _ id: TurnID,
        _ checkout: inout HandleState.Checkout,
        _ stopwatch: Stopwatch
    ) async throws(SessionError) {
        guard let gate else { return }
        defer { stopwatch.lap(.queueWait) }
        try await gate.enter(id)
        withState { $0.reread(&checkout) }
    }
}
