extension ModelSession {
    /// Makes the view of an earlier revision the active one again.
    ///
    /// Nothing is deleted: a later rewind can undo it. Values that were changed since are written back as they were then,
    /// in the same batch, except those whose names begin with `stateline.`. No turn begins on this handle meanwhile. If the boundary enqueues
    /// turns, the rewind waits for those that came before, and the next ones wait for it.
    ///
    /// - Parameter revision: Any revision of the log, in the present view or not.
    /// - Returns: The position of the session with the new view.
    /// - Throws: ``SessionError``: unknownRevision; concurrentRequests during a turn or another change;
    ///   tooManyWaitingTurns or cancelled if it had to wait; notCommitted's reasons as gone, regressed or store.
    /// - Complexity: O(log *n*) and one round trip if the present view begins with the earlier one; else O(*n*).
    ///   Two round trips for a revision that this handle does not know. If a value was changed since the revision, the log
    ///   is loaded and folded: one round trip more, O(*n*) in its size.
    @discardableResult
    public func rewind(to revision: Revision) async throws(SessionError) -> Position {
        try await change { () async throws(SessionError) in
            // Another handle may have made it.
            if revision > snapshot.position.revision { try await refresh() }
            let values = try await values(at: revision)
            return try await appendWhereItStands(after: snapshot) { snapshot throws(SessionError) in
                guard let view = snapshot.view(at: revision) else { throw .unknownRevision(key, revision) }
                var batch = Batch(.view, turn: .random(), created: boundary.timestamp())
                batch.view = Batch.View(base: revision, kept: view.count)
                batch.values = snapshot.values.changes(to: values)
                return snapshot.successor(batch)
            }
        }
    }

    /// Makes a session that begins with this one at a revision, and shares its log up to there.
    ///
    /// If the outcome is unknown, a repetition on this handle, at the same revision, makes the fork or finds it.
    ///
    /// - Parameters:
    ///   - revision: Any revision of the log; `nil` for the newest known one.
    ///   - id: The fork's id; its tenant and family are this session's.
    /// - Returns: A handle on the fork, with the same model, tools and configuration.
    /// - Throws: ``SessionError``: unknownRevision, alreadyExists, invalidKey, gone, regressed or store.
    /// - Complexity: O(log *n*) at the newest revision; an earlier one is loaded and folded. One round trip, or two.
    public func fork(at revision: Revision? = nil, as id: String) async throws(SessionError) -> ModelSession {
        try await fork(at: revision, as: id, configuration: configuration)
    }

    func fork(
        at revision: Revision?,
        as id: String,
        configuration: SessionConfiguration
    ) async throws(SessionError) -> ModelSession {
        let forkKey = key.fork(id)
        guard forkKey.isValid else { throw .invalidKey(forkKey) }
        let base = try await snapshot(at: revision)
        let successor = lostFork(to: forkKey, at: base.position) ?? newFork(of: base, to: forkKey)
        do throws(SessionError) {
            try await boundary.log.fork(
                key,
                at: base.position,
                to: forkKey,
                first: successor.encoded,
                making: successor.snapshot
            )
        } catch {
            if case .store(let error) = error, error.committed != .no {
                withState { $0.lostFork = (base.position, successor) }
            }
            throw error
        }
        let shared = boundary.shared(forkKey)
        shared?.learn(successor.snapshot)
        return ModelSession(
            boundary: boundary,
            shared: shared,
            snapshot: successor.snapshot,
            model: model,
            toolbox: toolbox,
            configuration: configuration
        )
    }

    /// Makes the first batch of a fork.
    private func newFork(of base: Snapshot, to forkKey: SessionKey) -> Snapshot.Successor {
        var batch = Batch(.fork, turn: .random(), created: boundary.timestamp())
        let parent = base.cipher?.id(of: base.position.incarnation) ?? key.id
        batch.parent = Batch.Ancestor(id: parent, position: base.position)
        return base.renamed(forkKey).successor(batch, incarnation: .random())
    }

    /// Returns the first batch of a fork whose outcome is unknown: sent again, it tells.
    private func lostFork(to forkKey: SessionKey, at position: Position) -> Snapshot.Successor? {
        withState { state in
            guard let lost = state.lostFork, lost.base == position, lost.fork.snapshot.key == forkKey
            else { return nil }
            return lost.fork
        }
    }

    /// Returns the values as they were at a revision.
    ///
    /// Snapshots keep no earlier values: they could take more memory than the history.
    private func values(at revision: Revision) async throws(SessionError) -> SessionValues {
        let newest = snapshot
        guard revision < newest.values.revision, revision > 0 else { return newest.values }
        return try await snapshot(at: revision).values
    }

    /// Returns the session as it was at a revision.
    private func snapshot(at revision: Revision?) async throws(SessionError) -> Snapshot {
        let newest = snapshot
        guard let revision, revision != newest.position.revision else { return newest }
        var cost = StoreCost()
        let log = try await boundary.log.batches(of: key, after: nil, cost: &cost)
            .prefix { $0.position.revision <= revision }
        guard log.last?.position.revision == revision else { throw .unknownRevision(key, revision) }
        return try boundary.log.fold(
            Array(log),
            of: key,
            for: model.dialect,
            after: nil,
            by: newest.cipher?.ending(at: revision),
            cost: &cost
        )
    }
}
