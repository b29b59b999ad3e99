extension ModelSession {
    /// Loads the ledger: all calls that were ever made for the session, in the order of the log.
    ///
    /// Calls that are still unrecorded are not in it; see ``flushLedger()``.
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

    /// Records the session's calls that the ledger lacks: those of turns that were cancelled or dropped, or that ended while
    /// the store failed, on any handle of this boundary.
    ///
    /// A turn that fails records its calls by itself, and ``Boundary/run()`` records all others; call this if nothing runs
    /// that. If the store fails, the calls stay unrecorded and are written with the next batch. If a batch had an unknown
    /// outcome, its calls are recorded apart from it only once it is certain that the batch is not in the log; a turn whose
    /// batch is in the log is part of the session from then on. A turn may be under way: its commit continues after the
    /// record.
    ///
    /// - Returns: `true` if the ledger shows all known calls of this boundary.
    @discardableResult
    public func flushLedger() async -> Bool {
        await flushLedger(isShielded: true).failure == nil
    }

    /// Records the session's unrecorded calls.
    ///
    /// - Parameter isShielded: `true` to ask the store although the task is cancelled.
    /// - Returns: The reason why calls are still unrecorded, and the number of round trips.
    func flushLedger(isShielded: Bool) async -> (failure: SessionError?, roundTrips: Int) {
        var failure: SessionError?
        var roundTrips = 0
        for record in boundary.unrecorded.takeUnknown(life) {
            let recording = await write(record, maybeCommitted: true, isShielded: isShielded)
            roundTrips += recording.cost.roundTrips
            failure = failure ?? recording.failure
        }
        if let known = boundary.unrecorded.takeKnown(life) {
            let head = snapshot.head
            let record = CallRecord(
                key: key,
                turn: .random(),
                base: head.revision <= known.base.revision ? known.base : head,
                sent: known.sent,
                crossings: known.crossings
            )
            let recording = await write(record, maybeCommitted: false, isShielded: isShielded)
            roundTrips += recording.cost.roundTrips
            failure = failure ?? recording.failure
        }
        return (failure, roundTrips)
    }

    /// Writes a record, and takes in the batches that became known.
    private func write(_ record: CallRecord, maybeCommitted: Bool, isShielded: Bool) async -> Boundary.Recording {
        let recording = await boundary.write(record, maybeCommitted: maybeCommitted, isShielded: isShielded)
        let base = snapshot
        let news = recording.batches.filter { $0.position.revision > base.position.revision }
        // The next refresh or commit detects and reports a log that does not follow.
        if !news.isEmpty, let newer = try? base.following(news) { advance(to: newer, isOwn: recording.isAlone) }
        return recording
    }

    /// The present life of the session.
    var life: SessionLife {
        SessionLife(key: key, incarnation: snapshot.position.incarnation)
    }
}
