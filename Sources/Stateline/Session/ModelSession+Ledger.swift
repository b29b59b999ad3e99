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
        let batches = try await boundary.log.batches(of: key, after: nil, cost: &cost)
        let reader = try batches.reader(of: key, from: boundary.log.cipher(of: key))
        var previous = reader.origin
        for batch in batches {
            crossings += try batch.opened(of: key, by: reader.cipher, after: previous).crossings
            previous = batch.position
        }
        return crossings
    }

    /// Records the session's calls that the ledger lacks: those of turns that were cancelled or dropped, or that ended while
    /// the store failed, on any handle of this boundary.
    ///
    /// A turn that fails records its calls by itself, and ``Boundary/run()`` records all others; call this if nothing runs
    /// that. If the store fails or gives no answer for 10 s, the calls stay unrecorded and are written with the next batch. If a batch had an unknown
    /// outcome, its calls are recorded apart from it only once it is certain that the batch is not in the log; a turn whose
    /// batch is in the log is part of the session from then on. A turn may be under way: its commit continues after the
    /// record.
    ///
    /// - Returns: `true` if the ledger shows all known calls of this boundary.
    @discardableResult
    public func flushLedger() async -> Bool {
        await flushLedger(until: boundary.now() + SessionLog.patience, isShielded: true).failure == nil
    }

    /// Records the session's unrecorded calls.
    ///
    /// - Parameters:
    ///   - deadline: The time at which to give up. The calls that are not recorded by then stay unrecorded.
    ///   - isShielded: `true` to ask the store although the task is cancelled.
    /// - Returns: The reason why calls are still unrecorded, and the cost of the attempts.
    func flushLedger(
        until deadline: Duration,
        isShielded: Bool
    ) async -> (failure: SessionError?, cost: StoreCost) {
        var failure: SessionError?
        var cost = StoreCost()
        func write(_ record: CallRecord, maybeCommitted: Bool) async {
            let recording = await boundary.write(
                record,
                maybeCommitted: maybeCommitted,
                until: deadline,
                isShielded: isShielded
            )
            takeIn(recording)
            cost += recording.cost
            failure = failure ?? recording.failure
        }
        for record in boundary.unrecorded.takeUnknown(life) { await write(record, maybeCommitted: true) }
        if let known = boundary.unrecorded.takeKnown(life) {
            let end = snapshot.end
            let record = CallRecord(
                key: key,
                turn: .random(),
                base: end.revision <= known.base.revision ? known.base : end,
                sent: known.sent,
                crossings: known.crossings
            )
            await write(record, maybeCommitted: false)
        }
        return (failure, cost)
    }

    /// Takes in the batches that became known while calls were recorded.
    private func takeIn(_ recording: Boundary.Recording) {
        let base = snapshot
        let news = recording.batches.filter { $0.position.revision > base.position.revision }
        // The next refresh or commit detects and reports a log that does not follow.
        if !news.isEmpty, let newer = try? base.following(news) { advance(to: newer, isOwn: recording.isAlone) }
    }

    /// The present life of the session.
    var life: SessionLife {
        SessionLife(key: key, incarnation: snapshot.position.incarnation)
    }
}
