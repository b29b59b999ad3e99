internal import NIOCore

extension OpenTurn {
    /// Appends the draft to the log.
    ///
    /// If the log moved on and the view is the one that the turn began with, as after a failed call of another handle,
    /// the draft is encoded on the new base and appended again. That is safe after any outcome: a batch is never in a
    /// log that moved on from its base without it.
    func commit() async throws(SessionError) -> Commit {
        stopwatch.lap(.stream)
        var draft: Draft
        switch machine.commitStarted() {
        case .success(let complete): draft = complete
        case .failure(let misuse): throw refusal(misuse)
        }
        trace.crossings = draft.crossings
        trace.entriesCommitted = draft.entries.count
        let owed = session.boundary.keeper.takeOwed(session.debtor)?.crossings ?? []
        let deadline = session.boundary.now() + session.configuration.commitTimeout
        // What the log moved on to under the same view; nearly always nothing, and then nothing is copied.
        var moved = session.newest(withViewOf: base)
        while true {
            let position = moved?.position ?? base.position
            let successor =
                if let moved {
                    successor(of: draft, owed: owed, after: moved)
                } else {
                    successor(of: draft, owed: owed, after: base)
                }
            draft.encoded = Draft.Encoded(batch: successor.encoded, base: position)
            stopwatch.lap(.encode)
            switch await append(successor, expecting: position, until: deadline) {
            case .success(.committed(let acknowledged)):
                return committed(draft, as: successor.snapshot, acknowledged, .committed(acknowledged))
            case .success(.duplicate(let acknowledged)):
                return committed(draft, as: successor.snapshot, acknowledged, .duplicate(acknowledged))
            case .success(.stale(let missing)):
                stopwatch.lap(.storeCommit)
                session.metOthers()
                if session.boundary.now() < deadline, let newer = (moved ?? base).following(missing, withViewOf: base) {
                    moved = newer
                    continue
                }
                let current = session.advance(over: missing, from: moved ?? base)
                throw await fail(.stale(current: current), draft, owed: owed, isKnown: true)
            case .failure(.store(let error)):
                let isKnown = error.committed == .no
                throw await fail(.store(error), draft, after: moved, owed: owed, isKnown: isKnown)
            case .failure(let reason): throw await fail(reason, draft, owed: owed, isKnown: true)
            }
        }
    }

    private func committed(
        _ draft: Draft,
        as snapshot: Snapshot,
        _ acknowledged: Acknowledged,
        _ outcome: EndedTurn.Outcome
    ) -> Commit {
        committed(as: snapshot)
        stopwatch.lap(.storeCommit)
        let trace = closedTrace()
        observe(outcome, trace: trace, head: snapshot.head)
        return Commit(position: snapshot.position, entries: draft.entries, acknowledged: acknowledged, trace: trace)
    }

    private func successor(of draft: Draft, owed: [Crossing], after base: Snapshot) -> Snapshot.Successor {
        var batch = Batch(.turn, turn: id, created: session.boundary.timestamp())
        batch.entries = draft.entries
        batch.crossings = owed + draft.crossings
        return base.successor(batch, sent: memory?.sent, rendering: rendering)
    }

    private func append(
        _ next: Snapshot.Successor,
        expecting position: Position,
        until deadline: Duration
    ) async -> Result<SessionLog.Appended, CommitFailure.Reason> {
        var cost = StoreCost()
        defer {
            trace.storeBytesWritten += cost.bytesWritten
            trace.storeRoundTrips += cost.roundTrips
            commitRoundTrips += cost.roundTrips
        }
        do throws(SessionError) {
            return .success(
                try await session.boundary.log.append(
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
    /// Its calls are owed to the ledger where it is known that they are not there. Else they stay in the draft with all
    /// that its batch held, and the boundary finds out what became of them: `base` is what the newest batch followed. If
    /// there is no log to record them in, they are forgotten, and counted.
    private func fail(
        _ reason: CommitFailure.Reason,
        _ draft: Draft,
        after base: Snapshot? = nil,
        owed: [Crossing],
        isKnown: Bool
    ) async -> SessionError {
        var draft = draft
        let keeper = session.boundary.keeper
        var owes = false
        if isKnown {
            draft.encoded = nil
            switch (reason, machine.commitFailed(isKnown: true)) {
            case (.gone, _), (.regressed, _):
                keeper.forget(owed + draft.crossings)
                end(.nothing, isFailing: false, isAnnounced: false)
            case (.stale, .record(let crossings)):
                let isRecorded = !Task.isCancelled
                owes = end(.record(owed + crossings), isFailing: false, isAnnounced: !isRecorded) && isRecorded
            case (_, .record(let crossings)): end(.record(owed + crossings), isFailing: true, isAnnounced: true)
            case (_, .nothing): end(.record(owed), isFailing: true, isAnnounced: true)
            }
            draft.crossings = []
        } else {
            draft.crossings = owed + draft.crossings
            let base = head(after: base ?? self.base)
            let calls = DoubtfulCalls(key: session.key, turn: id, base: base, crossings: draft.crossings)
            keeper.doubt(calls, of: session.debtor)
            end(machine.commitFailed(isKnown: false), isFailing: true, isAnnounced: true)
        }
        let error = SessionError.notCommitted(CommitFailure(reason: reason, draft: draft))
        stopwatch.lap(.storeCommit)
        observe(.failed(error))
        if owes { _ = await session.settle(isShielded: false) }
        session.turnSettled(id)
        return error
    }
}
