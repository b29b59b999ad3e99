extension ModelSession {
    /// Ends a turn whose holder has given no sign of life: what it had received comes into the view.
    ///
    /// Calls of it that have no output get one that says that they were interrupted. A turn that had received its last
    /// answer is committed, one that had received others is incomplete, and one without any has failed.
    ///
    /// - Parameters:
    ///   - turn: The turn.
    ///   - base: The session; brought up to date.
    ///   - cost: Receives the cost.
    /// - Throws: ``SessionError``.
    func reap(_ turn: TurnID, _ base: inout Snapshot, _ cost: inout StoreCost) async throws(SessionError) {
        while let open = base.openTurn, open.turn == turn {
            let entries = base.entries(open.entries)
            let calls = Transcript(entries).openToolCalls
            guard calls.isEmpty else {
                let outputs = calls.map { Entry(.toolOutput(.interrupted($0))) }
                _ = try await post(.stepped(inputs: 0), of: turn, outputs, after: &base, &cost)
                continue
            }
            let hasAnswer = entries.contains(where: \.isAnswer)
            let isWhole = entries.last?.isAnswer == true && open.inputs.isEmpty
            let outcome: TurnRecord.Ending.Outcome =
                isWhole ? .committed : hasAnswer ? .incomplete : .failed(Self.abandonedCode)
            _ = try await post(.ended(TurnRecord.Ending(outcome)), of: turn, after: &base, &cost)
        }
    }

    private static var abandonedCode: String { "abandoned" }

    /// Ends the session's open turn if its holder has given no sign of life for its term, as this process saw it.
    ///
    /// What the turn had received is in the view then. A turn of this process that does not run any more, such as one whose
    /// task was cancelled, is ended at once.
    ///
    /// - Returns: `true` if no turn is open now, other than one that waits for actions; `false` if its holder may live: try
    ///   again after its term.
    /// - Throws: ``SessionError``: gone, regressed, store, corruptLog or unreadableLog.
    @discardableResult
    public func reap() async throws(SessionError) -> Bool {
        var (base, cost) = (snapshot, StoreCost())
        try await update(&base, &cost)
        while let open = base.openTurn, !open.isWaiting {
            guard try await isSilent(inTheWayOf: &base, &cost) else { return base.openTurn?.isWaiting ?? true }
            try await reap(open.turn, &base, &cost)
        }
        return true
    }
}
