extension Turn {
    /// Checks that the budgets of the turn and of the session allow one more call.
    ///
    /// - Throws: ``SessionError/budgetExceeded(_:draft:)``.
    /// - Complexity: O(1) without budgets; else O(*k*) in the number of the turn's calls.
    func checkBudgets() throws(SessionError) {
        let configuration = session.configuration
        let (turn, session) = (configuration.turnBudget, configuration.sessionBudget)
        guard turn != nil || session != nil else { return }
        var own = Head.Totals()
        for crossing in machine.draft?.crossings ?? [] { own.add(crossing) }
        let excess =
            turn?
            .excess(
                .turn,
                calls: machine.callCount,
                tokens: own.tokens,
                cost: own.cost,
                time: stopwatch.elapsed
            )
            ?? session?
            .excess(
                .session,
                calls: origin.head.totals.crossings + own.crossings,
                tokens: origin.head.totals.tokens + own.tokens,
                cost: origin.head.totals.cost + own.cost,
                time: age
            )
        if let excess { throw .budgetExceeded(excess, draft: machine.kept) }
    }

    /// The time since the session was created, by the wall clock.
    private var age: Duration {
        guard let created = origin.created else { return .zero }
        return .milliseconds(session.timestamp().milliseconds - created.milliseconds)
    }

    /// Records the cost of the newest call, if the caller gave prices and the provider counted its tokens.
    mutating func price() {
        guard let pricing = session.configuration.pricing, let last = machine.collected.crossings.indices.last,
            let usage = machine.collected.crossings[last].usage
        else { return }
        machine.collected.crossings[last].cost = pricing.cost(of: usage, on: machine.collected.crossings[last].route)
    }
}

extension Head.Totals {
    /// Input and output tokens, if providers counted.
    fileprivate var tokens: Int { sentAgainTokens + newTokens + outputTokens }
}
