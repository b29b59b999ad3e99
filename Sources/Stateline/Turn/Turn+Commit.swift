internal import NIOCore

extension Turn {
    /// Appends the turn to the session's log, in one round trip.
    ///
    /// An answer whose bytes were appended is ended first. If the log moved on and the view is the one that the turn
    /// began with, as after a failed call of another handle, the draft is encoded on the new base and appended again.
    ///
    /// - Throws: ``SessionError/notCommitted(_:)`` with the draft, if the session moved on or the store failed: the turn
    ///   has ended then. ``SessionError/openToolCalls(_:draft:)``, ``SessionError/turnMisused(_:draft:)`` or
    ///   ``SessionError/model(_:draft:)`` if there is no answer to commit: the turn can continue then.
    /// - Complexity: O(*k*) in the size of what the turn added.
    public mutating func commit() async throws(SessionError) -> Commit {
        if machine.isCalling { try finishAnswer() }
        stopwatch.lap(.stream)
        if steps != nil {
            guard let commit = try await commitSteps() else {
                throw .turnMisused("inputs of other turns came in: make another call", draft: machine.kept)
            }
            return commit
        }
        collectValues()
        var draft: Draft
        switch machine.commitStarted() {
        case .success(let complete):
            draft = complete
            values?.end()
        case .failure(let misuse): throw refusal(misuse)
        }
        trace.crossings = draft.crossings
        trace.entriesCommitted = draft.entries.count
        let earlier = session.takeUnrecordedCalls()
        let log = session.log
        let deadline = log.now() + session.configuration.commitTimeout.bounded
        // The snapshot that the log moved on to under the same view. Nearly always there is none, and nothing is copied.
        var moved = session.newest(withViewOf: origin)
        var isMerged = false
        // Safe after any outcome: a batch is never in a log that moved on from its base without it.
        while true {
            let position = moved?.position ?? origin.position
            let successor =
                if let moved {
                    successor(of: draft, recording: earlier, after: moved, isMerged: isMerged)
                } else {
                    successor(of: draft, recording: earlier, after: origin)
                }
            draft.encoded = Draft.Encoded(batch: successor.encoded, base: position)
            stopwatch.lap(.encode)
            switch await append(successor, to: log, expecting: position, until: deadline) {
            case .success(.committed(let acknowledged)):
                return committed(draft, as: successor.snapshot, acknowledged, .committed(acknowledged))
            case .success(.duplicate(let acknowledged)):
                return committed(draft, as: successor.snapshot, acknowledged, .duplicate(acknowledged))
            case .success(.stale(let missing)):
                stopwatch.lap(.storeCommit)
                session.metOthers()
                if !isMerged, log.now() < deadline,
                    let newer = (moved ?? origin).following(missing, withViewOf: origin)
                {
                    moved = newer
                    continue
                }
                let known = moved ?? origin
                if session.configuration.staleCommits == .merge, log.now() < deadline, !machine.isEnded,
                    let newer = try? known.following(missing), newer.openTurn == nil
                {
                    isMerged = true
                    moved = newer
                    continue
                }
                let current = session.advance(over: missing, from: handedBack(known))
                throw await fail(.stale(current: current), draft, recording: earlier, until: deadline)
            case .failure(let reason):
                throw await fail(reason, draft, after: moved, recording: earlier, until: deadline)
            }
        }
    }

    mutating func committed(
        _ draft: Draft,
        as snapshot: Snapshot,
        _ acknowledged: Acknowledged,
        _ outcome: EndedTurn.Outcome
    ) -> Commit {
        machine.committed()
        session.turnCommitted(id, as: handedBack(snapshot), memory: comparableMemory)
        stopwatch.lap(.storeCommit)
        let trace = closedTrace()
        observe(outcome, trace: trace, head: snapshot.head)
        return Commit(
            session: session.key,
            turn: id,
            position: snapshot.position,
            entries: draft.entries,
            acknowledged: acknowledged,
            trace: trace
        )
    }

    private func successor(
        of draft: Draft,
        recording earlier: [Crossing],
        after base: Snapshot,
        isMerged: Bool = false
    ) -> Snapshot.Successor {
        var batch = Batch(.turn, turn: id, created: session.timestamp())
        batch.entries = draft.entries
        batch.crossings = earlier + draft.crossings
        batch.values = draft.values
        // After newer entries, neither the newest request nor the rendering begins as the view does.
        if entriesBeforeShortened != nil { return base.successor(batch, sent: isMerged ? nil : sentInFull) }
        return isMerged ? base.successor(batch) : base.successor(batch, sent: memory?.sent, rendering: rendering)
    }

    mutating func append(
        _ next: Snapshot.Successor,
        to log: SessionLog,
        expecting position: Position,
        until deadline: Duration
    ) async -> Result<SessionLog.Appended, CommitFailure.Reason> {
        var cost = StoreCost()
        defer {
            trace.add(cost)
            commitRoundTrips += cost.roundTrips
            if cost.roundTrips > 1 { wasCommitRepeated = true }
        }
        do throws(SessionError) {
            return .success(
                try await log.append(
                    next.encoded,
                    making: next.snapshot,
                    to: session.key,
                    expecting: position,
                    until: deadline,
                    cost: &cost
                )
            )
        } catch {
            return .failure(CommitFailure.Reason(error))
        }
    }

    /// Gives the draft back to the caller.
    ///
    /// If it is known that the ledger lacks its calls, they are left to the session. Else they stay in the draft with all
    /// that its batch held, and the boundary finds out if that was committed. If no log is left to record them in, they
    /// are forgotten, and counted.
    ///
    /// - Parameters:
    ///   - reason: The reason.
    ///   - draft: The draft.
    ///   - moved: The snapshot that the newest batch followed, if that is not the turn's base.
    ///   - earlier: The calls of earlier turns that the batch would have recorded.
    ///   - deadline: The time at which the commit has to end.
    /// - Returns: The error with the draft.
    mutating func fail(
        _ reason: CommitFailure.Reason,
        _ draft: Draft,
        after moved: Snapshot? = nil,
        recording earlier: [Crossing],
        until deadline: Duration
    ) async -> SessionError {
        let isKnown = reason.isKnown
        let calls = earlier + machine.commitFailed(isKnown: isKnown)
        var draft = draft
        draft.crossings = isKnown ? [] : earlier + draft.crossings
        if isKnown { draft.encoded = nil }
        let isRecorded = reason.isStale && !Task.isCancelled && session.log.now() < deadline
        let unrecorded: UnrecordedCalls =
            switch reason {
            case .gone, .regressed: .lost(calls)
            case .stale: .missing(calls, after: end(after: origin), isFailing: false, isAnnounced: !isRecorded)
            case .store where isKnown: .missing(calls, after: end(after: origin), isFailing: true, isAnnounced: true)
            case .store: .unknown(draft.crossings, after: end(after: moved ?? origin))
            }
        session.turnEnded(id, memory: keptMemory, leaving: unrecorded)
        let error = SessionError.notCommitted(CommitFailure(reason: reason, draft: draft))
        stopwatch.lap(.storeCommit)
        observe(.failed(error), trace: closedTrace(), head: origin.head)
        if isRecorded { await session.recordCalls(until: deadline) }
        session.turnSettled(id)
        return error
    }
}

extension CommitFailure.Reason {
    /// `true` if it is certain that the batch was not committed.
    fileprivate var isKnown: Bool {
        if case .store(let error) = self { error.committed == .no } else { true }
    }

    fileprivate var isStale: Bool { if case .stale = self { true } else { false } }
}
