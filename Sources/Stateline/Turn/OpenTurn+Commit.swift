internal import NIOCore

extension OpenTurn {
    /// Appends the draft to the log.
    func commit() async throws(SessionError) -> Commit {
        stopwatch.lap(.stream)
        var draft: Draft
        switch machine.commitStarted() {
        case .success(let complete): draft = complete
        case .failure(let misuse): throw refusal(misuse)
        }
        trace.crossings = draft.crossings
        trace.entriesCommitted = draft.entries.count
        let owed = session.takeOwed()
        let successor = successor(of: draft, owed: owed)
        draft.encoded = successor.encoded
        stopwatch.lap(.encode)
        switch await append(successor.encoded) {
        case .success(.committed(let acknowledged)):
            return committed(draft, as: successor.snapshot, acknowledged, .committed(acknowledged))
        case .success(.duplicate(let acknowledged)):
            return committed(draft, as: successor.snapshot, acknowledged, .duplicate(acknowledged))
        case .success(.stale(let missing)):
            let current = session.advance(over: missing, from: base)
            throw await fail(.stale(current: current), draft, owed: owed, isKnown: true)
        case .success(.regressed): throw await fail(.regressed, draft, owed: owed, isKnown: true)
        case .success(.gone(let absence)): throw await fail(.gone(absence), draft, owed: owed, isKnown: true)
        case .failure(let error):
            throw await fail(.store(error), draft, owed: owed, isKnown: error.committed == .no)
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

    private func successor(of draft: Draft, owed: [Crossing]) -> Snapshot.Successor {
        var batch = Batch(.turn, turn: id, created: session.boundary.timestamp())
        batch.entries = draft.entries
        batch.crossings = owed + draft.crossings
        return base.successor(batch, sent: memory?.sent, rendering: rendering)
    }

    private func append(_ batch: EncodedBatch) async -> Result<AppendResult, StoreError> {
        trace.storeBytesWritten += batch.bytes.readableBytes
        do throws(StoreError) {
            let (result, roundTrips) = try await session.boundary.store.appendResolved(
                batch,
                to: session.key,
                expecting: base.position
            )
            trace.storeRoundTrips += roundTrips
            commitRoundTrips += roundTrips
            return .success(result)
        } catch {
            trace.storeRoundTrips += 1
            commitRoundTrips += 1
            return .failure(error)
        }
    }

    /// The draft goes back to the caller.
    ///
    /// Its calls are owed to the ledger where it is known that they are not there. Else they stay in the draft with all
    /// that its batch held, and the session finds out what became of them.
    private func fail(
        _ reason: CommitFailure.Reason,
        _ draft: Draft,
        owed: [Crossing],
        isKnown: Bool
    ) async -> SessionError {
        var draft = draft
        if isKnown {
            session.returnOwed(owed)
            draft.crossings = []
            draft.encoded = nil
        } else {
            draft.crossings = owed + draft.crossings
            session.doubted(DoubtfulCalls(turn: id, base: base, crossings: draft.crossings))
        }
        let owes = end(machine.commitFailed(isKnown: isKnown))
        let error = SessionError.notCommitted(CommitFailure(reason: reason, draft: draft))
        stopwatch.lap(.storeCommit)
        observe(.failed(error))
        if owes, case .stale = reason { await session.settle() }
        return error
    }
}
