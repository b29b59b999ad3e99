extension ModelSession {
    /// Takes in what others appended to the session, in one round trip.
    ///
    /// - Returns: How many batches were new.
    /// - Throws: ``SessionError``: gone, regressed, store, corruptLog or unreadableLog.
    /// - Complexity: O(*n*) in the size of what is new.
    @discardableResult
    public func refresh() async throws(SessionError) -> Int {
        let base = snapshot
        let result: LoadResult
        do throws(StoreError) { result = try await boundary.store.load(key, after: base.position) } catch {
            throw .store(error)
        }
        switch result {
        case .current: return 0
        case .tail(let batches):
            advance(to: try base.following(batches), isOwn: false)
            return batches.count
        case .gone(let absence): throw .gone(key, absence)
        case .regressed: throw .regressed(key)
        }
    }

    /// All calls that were ever made for the session, in the order of the log: the ledger.
    ///
    /// - Throws: ``SessionError``: gone, store, or unreadableLog.
    /// - Complexity: O(*n*) in the size of the log, which is read in one round trip.
    public func ledger() async throws(SessionError) -> [Crossing] {
        let result: LoadResult
        do throws(StoreError) { result = try await boundary.store.load(key, after: nil) } catch { throw .store(error) }
        switch result {
        case .tail(let batches):
            var crossings: [Crossing] = []
            for batch in batches {
                do throws(FormatError) { crossings += try batch.decoded().batch.crossings } catch {
                    throw .unreadableLog(key, error)
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
    /// the calls stay owed and are with the next batch.
    ///
    /// - Returns: Whether the ledger shows all calls that this handle knows of.
    @discardableResult
    public func settle() async -> Bool {
        let owed = takeOwed()
        guard !owed.isEmpty else { return true }
        do throws(SessionError) {
            try await appendWhereItStands { snapshot in
                var batch = Batch(.crossings, turn: .random(), created: boundary.timestamp())
                batch.crossings = owed
                let sent = SentRequest(entries: snapshot.transcript.count, tokens: nil)
                return snapshot.successor(batch, sent: sent)
            }
            return true
        } catch {
            returnOwed(owed)
            return false
        }
    }

    /// Merges a draft that could not be committed: its entries follow whatever the session holds now.
    ///
    /// Whether the answer still fits what came before it is the caller's to judge. Safe to repeat.
    ///
    /// - Returns: Where the session stands with it.
    /// - Throws: ``SessionError``: gone, regressed, store, concurrentRequests.
    @discardableResult
    public func commit(_ draft: Draft) async throws(SessionError) -> Position {
        guard !isResponding else { throw .concurrentRequests }
        if let encoded = draft.encoded {
            let (result, _) = try await append(encoded, expecting: draft.base)
            switch result {
            case .committed, .duplicate:
                try await refresh()
                return encoded.position
            case .stale, .regressed: break
            case .gone(let absence): throw .gone(key, absence)
            }
        }
        try await refresh()
        return try await appendWhereItStands { snapshot in
            var batch = Batch(.turn, turn: draft.turn, created: boundary.timestamp())
            batch.entries = draft.entries
            batch.crossings = draft.crossings
            return snapshot.successor(batch)
        }
    }

    /// Appends a batch after whatever the session holds, as often as others are faster; they are each time a batch
    /// further, so this is lock-free and not starved by readers.
    @discardableResult
    func appendWhereItStands(
        _ make: (Snapshot) throws(SessionError) -> Snapshot.Successor
    ) async throws(SessionError) -> Position {
        while true {
            let base = snapshot
            let successor = try make(base)
            let (result, _) = try await append(successor.encoded, expecting: base.position)
            switch result {
            case .committed, .duplicate:
                advance(to: successor.snapshot, isOwn: true)
                return successor.snapshot.position
            case .stale(let missing): advance(to: try base.following(missing), isOwn: false)
            case .regressed: throw .regressed(key)
            case .gone(let absence): throw .gone(key, absence)
            }
        }
    }

    private func append(
        _ batch: EncodedBatch,
        expecting position: Position
    ) async throws(SessionError) -> (result: AppendResult, roundTrips: Int) {
        do throws(StoreError) {
            return try await boundary.store.appendResolved(batch, to: key, expecting: position)
        } catch {
            throw .store(error)
        }
    }
}
