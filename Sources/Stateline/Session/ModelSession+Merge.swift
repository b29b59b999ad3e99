extension ModelSession {
    /// Brings a turn that is in the log step by step into the view, without writing its entries again.
    ///
    /// - Parameters:
    ///   - draft: The draft of the turn.
    ///   - start: The newest known snapshot.
    /// - Returns: The position of the session with it; `nil` if the log does not hold the turn.
    /// - Throws: ``SessionError``.
    func mergeSteps(_ draft: Draft, after start: Snapshot) async throws(SessionError) -> Position? {
        var (base, cost) = (start, StoreCost())
        while true {
            let batch: Batch
            if let open = base.openTurn, open.turn == draft.turn, !boundary.openTurns.isLive(draft.turn) {
                guard open.inputs.isEmpty else {
                    try await reap(draft.turn, &base, &cost)
                    continue
                }
                batch = closing(draft, of: open)
            } else if let ended = base.turns?.ended(draft.turn) {
                if ended.outcome.isInView || base.shows(ended.entries) { return base.position }
                batch = showing(draft, ended, in: base)
            } else {
                return nil
            }
            if try await append(batch, after: &base, &cost) { return base.position }
        }
    }

    /// The batch that ends an open turn with its draft.
    private func closing(_ draft: Draft, of open: OpenTurn) -> Batch {
        var batch = Batch(.turn, turn: draft.turn, created: boundary.timestamp())
        batch.record = .ended(TurnRecord.Ending(.committed, calls: draft.crossings.count))
        batch.entries = Array(draft.entries.dropFirst(open.entries.count))
        batch.crossings = draft.crossings
        batch.values = draft.values
        return batch
    }

    /// The batch that brings the entries of an ended turn into the view.
    private func showing(_ draft: Draft, _ ended: EndedTurnRecord, in base: Snapshot) -> Batch {
        var batch = Batch(.turn, turn: draft.turn, created: boundary.timestamp())
        batch.entries = Array(draft.entries.dropFirst(ended.entries.count))
        let first = base.head.totals.entries
        batch.values = draft.values
        var shown = ended.entries
        shown.append(first..<first + batch.entries.count)
        batch.view = Batch.View(base: base.position.revision, kept: base.view.count, ranges: shown.ranges)
        return batch
    }
}

extension Snapshot {
    /// Returns `true` if the view shows the first of some entries.
    ///
    /// - Complexity: O(*r*) in the number of the view's ranges.
    fileprivate func shows(_ entries: EntryRanges) -> Bool {
        guard let first = entries.ranges.first?.lowerBound else { return true }
        return view.ranges.contains { $0.contains(first) }
    }
}
