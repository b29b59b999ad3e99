extension ModelSession {
    /// Takes in the batches that other writers appended to the session, in one round trip.
    ///
    /// - Returns: The number of new batches.
    /// - Throws: ``SessionError``: gone, regressed, store, corruptLog or unreadableLog.
    /// - Complexity: O(*n*) in the size of the new batches.
    @discardableResult
    public func refresh() async throws(SessionError) -> Int {
        try await refresh(until: nil)
    }

    /// Takes in the batches that other writers appended to the session, until a deadline.
    @discardableResult
    private func refresh(until deadline: Duration?) async throws(SessionError) -> Int {
        let base = snapshot
        var cost = StoreCost()
        let newest = try await boundary.log.refreshed(base, until: deadline, cost: &cost)
        let count = Int(newest.position.revision.rawValue - base.position.revision.rawValue)
        if count > 0 { advance(to: newest, isOwn: false) }
        return count
    }

    /// Merges a draft that could not be committed: its entries follow whatever the session holds now.
    ///
    /// The caller judges if the answer still fits the entries before it. Safe to repeat: a draft is merged once.
    ///
    /// A draft that was taken of a turn between two steps is a part of the whole turn. If the session holds as much of the
    /// turn or more, nothing is appended. A part in the session does not stand for a draft that holds more: the draft is
    /// appended whole, after the part, so that the history shows the steps of the part twice.
    ///
    /// No turn begins on this handle meanwhile. If the boundary enqueues turns, the draft waits for those that came before,
    /// and the next ones wait for it.
    ///
    /// - Returns: The position of the session with the draft.
    /// - Throws: ``SessionError``: gone, regressed, store, corruptLog or unreadableLog; concurrentRequests during a turn or
    ///   another change; tooManyWaitingTurns or cancelled if it had to wait.
    @discardableResult
    public func commit(_ draft: Draft) async throws(SessionError) -> Position {
        try await change { () async throws(SessionError) in try await commitAlone(draft) }
    }

    private func commitAlone(_ draft: Draft) async throws(SessionError) -> Position {
        if let encoded = draft.encoded, let isNewest = try await append(encoded) {
            boundary.unrecorded.recorded(draft.turn, of: life)
            await takeIn([encoded.batch], committed: encoded.batch.position, isNewest: isNewest)
            return encoded.batch.position
        }
        return try await merge(draft)
    }

    /// Brings the handle up to a draft's batch that is in the log, if that is possible in the time of a commit.
    ///
    /// The draft is committed whatever comes of it. If the store does not tell the batches before the draft's, the next
    /// turn asks for them.
    ///
    /// - Parameters:
    ///   - batches: The known end of the log, or a part of it up to the draft's batch.
    ///   - position: The position of the draft's batch.
    ///   - isNewest: `true` if the log ended with `batches` when the store answered.
    private func takeIn(_ batches: [EncodedBatch], committed position: Position, isNewest: Bool) async {
        let base = snapshot
        let news = batches.filter { $0.position.revision > base.position.revision }
        if !news.isEmpty, let newer = try? base.following(news) { advance(to: newer, isOwn: false) }
        guard !isNewest || snapshot.position.isBehind(position) else { return }
        do throws(SessionError) { try await refresh(until: commitDeadline) } catch { metOthers() }
    }

    /// The time at which a change that begins now has to end.
    private var commitDeadline: Duration { boundary.now() + configuration.recordTimeout }

    /// Appends the batch that was made of a draft.
    ///
    /// - Returns: `nil` if the log has moved on from the position that the batch follows; else `true` if the batch is the
    ///   newest one, and `false` if it was in the log already.
    private func append(_ encoded: Draft.Encoded) async throws(SessionError) -> Bool? {
        var cost = StoreCost()
        do throws(SessionError) {
            switch try await boundary.log.append(encoded.batch, to: key, expecting: encoded.base, cost: &cost) {
            case .committed: return true
            case .duplicate: return false
            case .stale: return nil
            }
        } catch .regressed {
            return nil
        }
    }

    /// Appends the part of a draft that the log lacks.
    private func merge(_ draft: Draft) async throws(SessionError) -> Position {
        var isRecorded = false
        var isFound = false
        // Each batch of the turn holds its calls; one has its entries too. A batch of a part of it has entries alone.
        func isMerged(_ batch: EncodedBatch, _ previous: Position) throws(SessionError) -> Bool {
            let isWhole = batch.turn == draft.turn
            guard isWhole || batch.turn.isPart(of: draft.turn) else { return false }
            if isWhole { isRecorded = true }
            let opened = try batch.opened(of: key, by: snapshot.cipher, after: previous)
            isFound = draft.isContained(in: opened.entries)
            return isFound
        }
        // If a part of the turn stands for the draft, the draft's calls stay unrecorded.
        defer { if isRecorded { boundary.unrecorded.recorded(draft.turn, of: life) } }
        let base: Snapshot
        let later: [EncodedBatch]
        do throws(SessionError) {
            let deadline = commitDeadline
            try await refresh(until: deadline)
            if let position = try await mergeSteps(draft, after: snapshot) {
                boundary.unrecorded.recorded(draft.turn, of: life)
                return position
            }
            base = snapshot
            later = try await batches(after: draft.base, until: deadline)
        } catch .store(let error) {
            // The draft may be in the log, from an earlier attempt.
            throw .store(StoreError(error.reason, committed: .unknown, message: error.message))
        }
        var previous = later.start(of: key, after: draft.base)
        for batch in later {
            defer { previous = batch.position }
            guard try isMerged(batch, previous) else { continue }
            await takeIn(later, committed: batch.position, isNewest: true)
            return batch.position
        }
        let position = try await appendWhereItStands(after: base, unless: isMerged) { base in
            var batch = Batch(.turn, turn: draft.batchTurn, created: boundary.timestamp())
            batch.entries = draft.entries
            batch.crossings = isRecorded ? [] : draft.crossings
            batch.values = draft.values
            return base.successor(batch)
        }
        if !isFound, !draft.isPart { isRecorded = true }
        return position
    }

    /// Loads the batches in which a draft may be: those after its base.
    ///
    /// A branch that forked before the base does not hold it. Any batch of such a log may be the draft's.
    ///
    /// - Complexity: O(*n*) in the size of the log after the base; of the whole log if the base is not in it.
    private func batches(
        after base: Position,
        until deadline: Duration
    ) async throws(SessionError) -> [EncodedBatch] {
        var cost = StoreCost()
        do throws(SessionError) {
            return try await boundary.log.batches(of: key, after: base, until: deadline, cost: &cost)
        } catch .regressed {
            return try await boundary.log.batches(of: key, after: nil, until: deadline, cost: &cost)
        }
    }

    /// Appends a batch at the end of the log, and again at the new end each time another writer has committed first.
    ///
    /// Lock-free: each repetition means that another writer's batch was committed. Readers cannot starve it.
    ///
    /// - Parameters:
    ///   - start: The newest known snapshot.
    ///   - isThere: Returns `true` if a batch that came after `start`, and follows a position, makes this one needless.
    ///   - make: Makes the batch.
    /// - Returns: The position of the batch, or of the one that makes it needless.
    /// - Throws: ``SessionError``: gone, regressed, store, corruptLog or unreadableLog, or what the closures throw.
    @discardableResult
    func appendWhereItStands(
        after start: Snapshot,
        unless isThere: (EncodedBatch, Position) throws(SessionError) -> Bool = { _, _ in false },
        _ make: (Snapshot) throws(SessionError) -> Snapshot.Successor
    ) async throws(SessionError) -> Position {
        var base = start
        while true {
            let successor = try make(base)
            var cost = StoreCost()
            switch try await boundary.log.append(
                successor.encoded,
                making: successor.snapshot,
                to: key,
                expecting: base.position,
                cost: &cost
            ) {
            case .committed, .duplicate:
                advance(to: successor.snapshot, isOwn: true)
                return successor.snapshot.position
            case .stale(let missing):
                var previous = base.position
                base = try boundary.log.fold(
                    missing,
                    of: key,
                    for: base.rendering.dialect,
                    after: base,
                    cost: &cost
                )
                advance(to: base, isOwn: false)
                for batch in missing {
                    if try isThere(batch, previous) { return batch.position }
                    previous = batch.position
                }
            }
        }
    }
}

extension EncodedBatch {
    /// Decodes a batch of a session's log.
    ///
    /// - Parameters:
    ///   - key: The session.
    ///   - cipher: Its encryption, with the batch's key; `nil` for none.
    ///   - previous: The position that the batch follows.
    /// - Returns: The batch.
    /// - Throws: ``SessionError``: corruptLog, unreadableLog or sealed.
    func opened(
        of key: SessionKey,
        by cipher: SessionCipher?,
        after previous: Position
    ) throws(SessionError) -> Batch {
        do throws(LogError) { return try opened(by: cipher, after: previous).batch } catch {
            throw SessionError(error, of: key)
        }
    }
}

extension [EncodedBatch] {
    /// Returns the position that the first batch follows.
    ///
    /// - Parameters:
    ///   - key: The session.
    ///   - base: A position that it may follow; else the batches are the whole log.
    /// - Returns: The position.
    func start(of key: SessionKey, after base: Position) -> Position {
        guard let first, first.position.revision == 1 else { return base }
        return .origin(of: key.root, incarnation: first.position.incarnation)
    }

    /// Returns the encryption of a whole log with the keys of these batches, and the position before them.
    func reader(
        of key: SessionKey,
        from cipher: SessionCipher?
    ) throws(SessionError) -> (cipher: SessionCipher?, origin: Position) {
        let incarnation = first?.position.incarnation ?? Incarnation(rawValue: 0)
        let origin = Position.origin(of: key.root, incarnation: incarnation)
        do throws(LogError) { return (try cipher?.following(self, after: origin), origin) } catch {
            throw SessionError(error, of: key)
        }
    }
}
