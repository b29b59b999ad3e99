extension ModelSession {
    /// All calls that were ever made for the session, in the order of the log: the ledger.
    ///
    /// - Throws: ``SessionError``: gone, store, corruptLog or unreadableLog.
    /// - Complexity: O(*n*) in the size of the log, which is read in one round trip.
    public func ledger() async throws(SessionError) -> [Crossing] {
        let result: LoadResult
        do throws(StoreError) { result = try await boundary.store.load(key, after: nil) } catch {
            throw SessionError(error, of: key)
        }
        switch result {
        case .tail(let batches):
            var crossings: [Crossing] = []
            for batch in batches {
                do throws(FormatError) { crossings += try batch.decoded().batch.crossings } catch {
                    throw SessionError(error, of: key, at: batch.position.revision)
                }
            }
            return crossings
        case .gone(let absence): throw .gone(key, absence)
        case .current, .regressed: throw .regressed(key)
        }
    }

    /// Records calls that the ledger lacks: those of turns that were dropped, or that ended while the store failed.
    ///
    /// Turns do this by themselves where they can; a call here is useful before a process ends. Where the store fails,
    /// the calls stay owed and are with the next batch. Where a batch had an unknown outcome, its calls are recorded apart
    /// from it only once it is certain that it is not in the log; a turn that got in is in the session from then on.
    ///
    /// - Returns: Whether the ledger shows all calls that this handle knows of.
    @discardableResult
    public func settle() async -> Bool {
        let isClear = await clearDoubts().isClear
        let owed = takeOwed()
        guard !owed.isEmpty else { return isClear }
        let calls = DoubtfulCalls(turn: .random(), base: snapshot, crossings: owed)
        return await record(calls, isDoubtful: false).isRecorded && isClear
    }

    /// Finds out what became of batches with an unknown outcome, and records their calls where they did not get in.
    ///
    /// - Returns: Whether nothing is in doubt any more, and how often the store was asked.
    func clearDoubts() async -> (isClear: Bool, roundTrips: Int) {
        var isClear = true
        var roundTrips = 0
        for calls in takeDoubts() {
            let recording = await record(calls, isDoubtful: true)
            roundTrips += recording.roundTrips
            isClear = isClear && recording.isRecorded
        }
        return (isClear, roundTrips)
    }

    /// Appends a batch of calls, unless a batch of their turn is there already.
    private func record(
        _ calls: DoubtfulCalls,
        isDoubtful: Bool
    ) async -> (isRecorded: Bool, roundTrips: Int) {
        var calls = calls
        var attempts = 0
        do throws(SessionError) {
            let turn = calls.turn
            func isRecorded(_ batch: EncodedBatch) -> Bool { batch.turn == turn }
            try await appendWhereItStands(after: calls.base, unless: isRecorded) { base in
                attempts += 1
                calls.base = base
                var batch = Batch(.crossings, turn: turn, created: boundary.timestamp())
                batch.crossings = calls.crossings
                let sent = SentRequest(entries: base.transcript.count, tokens: nil, tools: tools.fingerprint)
                return base.successor(batch, sent: sent)
            }
            return (true, attempts)
        } catch {
            // Once doubtful they stay with their turn, whose draft has them too, until they are in the ledger.
            var isDoubtful = isDoubtful
            if case .store(let error) = error, error.committed != .no { isDoubtful = true }
            if isDoubtful { doubted(calls) } else { returnOwed(calls.crossings) }
            return (false, attempts)
        }
    }
}
