extension Snapshot {
    /// Returns the active view with one more batch; `nil` if the batch makes an invalid one.
    ///
    /// A view begins as one of an earlier revision, and has no entry that the log lacks. It shows at most as many entries
    /// as the log holds, so that a small batch cannot make a large session.
    ///
    /// - Complexity: O(log *n* + *r*) in the number of ranges that the batch holds.
    func activeView(with batch: Batch) -> EntryRanges? {
        let first = head.totals.entries
        let total = first + batch.entries.count
        guard let changed = batch.view else {
            if batch.holdsEntries { return view }
            var next = view
            if batch.record?.bringsEntries == true {
                guard let open = openTurn else { return nil }
                for range in open.entries.ranges { next.append(range) }
            }
            next.append(first..<total)
            return next
        }
        let base = changed.base == 0 ? EntryRanges() : view(at: changed.base)
        guard let base, changed.kept <= base.count else { return nil }
        var next = base.prefix(changed.kept)
        for range in changed.ranges {
            guard range.upperBound <= total, next.count + range.count <= total else { return nil }
            next.append(range)
        }
        return next
    }

    /// Returns `true` if a batch's head is the one that the batch makes of the log before it.
    ///
    /// - Parameters:
    ///   - claimed: The head.
    ///   - batch: The batch.
    ///   - view: The active view with it.
    ///   - turns: The turns with it.
    /// - Returns: `false` for a head with a false claim.
    /// - Complexity: O(*k*) in the number of the batch's crossings.
    func accepts(_ claimed: Head, of batch: Batch, view: EntryRanges, turns: TurnTable.Box?) -> Bool {
        claimed.totals == head.totals.adding(batch)
            && claimed.view.revision == (batch.changesView ? claimed.revision : head.view.revision)
            && claimed.openTurn == turns?.table.open.map(Head.OpenTurn.init)
            && claimed.view.entries == view.count
            && claimed.view.sentEntries <= view.count
            && continues(claimed.position.incarnation, batch.parent)
    }

    /// Returns `true` if a batch belongs to this log, or begins a fork where this log stands.
    private func continues(_ incarnation: Incarnation, _ parent: Batch.Ancestor?) -> Bool {
        guard let parent else { return incarnation == position.incarnation }
        return position.revision > 0 && parent.position == position
    }
}
