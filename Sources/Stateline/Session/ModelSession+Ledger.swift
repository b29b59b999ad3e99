extension ModelSession {
    /// All calls that were ever made for the session, in the order of the log: the ledger.
    ///
    /// Calls that are still owed are not in it: ``settle()`` first.
    ///
    /// - Throws: ``SessionError``: gone, store, corruptLog or unreadableLog.
    /// - Complexity: O(*n*) in the size of the log, which is read in one round trip.
    public func ledger() async throws(SessionError) -> [Crossing] {
        var cost = StoreCost()
        var crossings: [Crossing] = []
        for batch in try await boundary.log.batches(of: key, after: nil, cost: &cost) {
            crossings += try batch.opened(of: key).crossings
        }
        return crossings
    }

    /// Records calls of the session that the ledger lacks: those of turns that were cancelled or dropped, or that ended
    /// while the store failed, on any handle of this boundary.
    ///
    /// Turns that fail do this by themselves, and ``Boundary/run()`` does it for the others; a call here is useful if
    /// nothing runs that. Where the store fails, the calls stay owed and are with the next batch. Where a batch had an
    /// unknown outcome, its calls are recorded apart from it only once it is certain that it is not in the log; a turn
    /// that got in is in the session from then on. It is safe during a turn, whose commit goes on after the record.
    ///
    /// - Returns: Whether the ledger shows all calls that this boundary knows of.
    @discardableResult
    public func settle() async -> Bool {
        await settle(isShielded: true).failure == nil
    }

    /// Records what is owed to the session.
    ///
    /// - Parameter isShielded: Whether the store is to be asked although the task is cancelled.
    /// - Returns: Why something is still owed, and the number of round trips.
    func settle(isShielded: Bool) async -> (failure: SessionError?, roundTrips: Int) {
        var failure: SessionError?
        var roundTrips = 0
        for calls in boundary.keeper.takeDoubts(debtor) {
            let recording = await record(calls, isDoubtful: true, isShielded: isShielded)
            roundTrips += recording.cost.roundTrips
            failure = failure ?? recording.failure
        }
        if let owed = boundary.keeper.takeOwed(debtor) {
            let head = snapshot.head
            let calls = DoubtfulCalls(
                key: key,
                turn: .random(),
                base: head.revision <= owed.base.revision ? owed.base : head,
                sent: owed.sent,
                crossings: owed.crossings
            )
            let recording = await record(calls, isDoubtful: false, isShielded: isShielded)
            roundTrips += recording.cost.roundTrips
            failure = failure ?? recording.failure
        }
        return (failure, roundTrips)
    }

    /// Records calls, and takes in what became known of the log.
    private func record(_ calls: DoubtfulCalls, isDoubtful: Bool, isShielded: Bool) async -> Boundary.Recording {
        let recording = await boundary.record(calls, isDoubtful: isDoubtful, isShielded: isShielded)
        let base = snapshot
        let news = recording.batches.filter { $0.position.revision > base.position.revision }
        // A log that does not follow is found out, and told, by the next refresh or commit.
        if !news.isEmpty, let newer = try? base.following(news) { advance(to: newer, isOwn: recording.isAlone) }
        return recording
    }

    /// The session in the boundary's debts.
    var debtor: LedgerDebts.Name {
        LedgerDebts.Name(key: key, incarnation: snapshot.position.incarnation)
    }
}
