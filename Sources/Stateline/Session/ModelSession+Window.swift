internal import NIOCore

extension ModelSession {
    /// The number of attempts at a compaction whose view another writer changes meanwhile.
    private static let planLimit = 4

    /// The number of tokens of the session's next request, without the prompt to come.
    ///
    /// It is what the provider counted of the newest request, and an estimate of what was added since then. The estimate
    /// uses the bytes to a token that the provider's counts have shown for the model's route, if the handle has a
    /// ``SessionConfiguration/contextWindow``, else those of the newest request.
    ///
    /// - Complexity: O(log *n* + *k*) in the number of entries after those that the provider counted.
    public var contextSize: ContextSize {
        let (snapshot, memory) = withState { ($0.snapshot, $0.memory) }
        return size(of: snapshot, memory)
    }

    private func size(of snapshot: Snapshot, _ memory: RequestMemory?) -> ContextSize {
        ContextSize(
            of: ContextSize.Content(
                transcript: snapshot.transcript,
                rendering: snapshot.rendering,
                tools: tools,
                memory: memory,
                head: snapshot.head,
                bytesPerToken: meter?.bytesPerToken(on: model.route)
            )
        )
    }

    /// Makes the session's view smaller.
    ///
    /// The strategies are asked in order until the next request has at most `target` tokens. The new view is one batch.
    /// Nothing is deleted: ``rewind(to:)`` to ``Compaction/previousRevision`` brings the entries back. Entries that other
    /// writers append meanwhile stay at the end of the view. If another writer changes the view otherwise, it is planned
    /// anew, at most 4 times.
    ///
    /// No turn begins on this handle meanwhile. If the boundary enqueues turns, the compaction waits for those that came
    /// before, and the next ones wait for it.
    ///
    /// ```swift
    /// let compaction = try await session.compact(with: [.summarize(with: model, keepingLast: 4)])
    /// print(compaction?.savedTokens ?? 0)
    /// ```
    ///
    /// - Parameters:
    ///   - strategies: The strategies; `nil` for those of ``SessionConfiguration/contextWindow``.
    ///   - target: The number of tokens at which no further strategy is asked; `nil` to ask all of them.
    /// - Returns: The record; `nil` if there was nothing to save.
    /// - Throws: ``SessionError``: model if a summary failed, or contextPlanRefused, and no strategy made a smaller view;
    ///   concurrentRequests during a turn or another change; tooManyWaitingTurns or cancelled if it had to wait; gone,
    ///   regressed, store, corruptLog or unreadableLog. The ledger shows the calls.
    /// - Complexity: O(*n*) in the size of the view, and one round trip; a summary is a model call.
    @discardableResult
    public func compact(
        with strategies: [any ContextStrategy]? = nil,
        target: Int? = nil
    ) async throws(SessionError) -> Compaction? {
        let strategies = strategies ?? configuration.contextWindow?.strategies ?? []
        return try await change { () async throws(SessionError) in
            if boundary.log.cache != nil {
                var cost = StoreCost()
                let newest = try await boundary.log.snapshot(key, for: model.dialect, after: snapshot, cost: &cost)
                if let newest { advance(to: newest, isOwn: false) }
            }
            for _ in 0..<Self.planLimit {
                let (base, memory) = withState { ($0.snapshot, $0.memory) }
                let size = size(of: base, memory)
                let view = ContextView(of: base, turn: [], size: size, tools: tools, target: target ?? 0)
                let stopwatch = Stopwatch(now: boundary.now)
                let fit = await fit(view, by: strategies, at: base.position, timeLeft: nil, stopwatch: stopwatch)
                var cost = StoreCost()
                let moved = try await append(fit, after: base, isShifted: true, cost: &cost)
                if fit.failure == .cancelled { throw .cancelled() }
                guard fit.isChanged else {
                    if let failure = fit.failure { throw .model(failure) }
                    if let (strategy, reason) = fit.refusal { throw .contextPlanRefused(strategy: strategy, reason) }
                    return nil
                }
                guard let moved else { continue }
                return record(of: fit, size, from: base, to: moved)
            }
            return nil
        }
    }

    private func record(
        of fit: ContextFit,
        _ size: ContextSize,
        from base: Snapshot,
        to moved: Snapshot
    ) -> Compaction {
        let compaction = Compaction(
            fit,
            trigger: .requested,
            size: size,
            from: base,
            to: moved,
            bytes: (base.rendering.end, moved.rendering.end),
            keptPrefixBytes: moved.commonPrefixBytes(with: base)
        )
        observers.observe(compaction, of: key, during: nil)
        return compaction
    }

    func append(
        _ fit: ContextFit,
        after start: Snapshot,
        isShifted: Bool,
        cost: inout StoreCost
    ) async throws(SessionError) -> Snapshot? {
        let id = TurnID.random()
        let deadline = boundary.now() + configuration.recordTimeout
        var base = start
        var changesView = fit.changesView && fit.failure != .cancelled
        guard changesView || !fit.crossings.isEmpty else { return nil }
        while true {
            let successor = successor(fit, id, changesView: changesView, plannedAt: start, after: base)
            do throws(SessionError) {
                guard let newer = try await append(successor, after: base, until: deadline, cost: &cost) else {
                    advance(to: successor.snapshot, isOwn: true)
                    return changesView ? successor.snapshot : nil
                }
                base = newer
            } catch {
                leave(fit.crossings, of: id, after: base.end, error)
                throw error
            }
            metOthers()
            advance(to: base, isOwn: false)
            // The calls are recorded all the same.
            if !base.continuesView(of: start) || !(isShifted || base.hasSameView(as: start)) { changesView = false }
            if !changesView, fit.crossings.isEmpty { return nil }
        }
    }

    /// Makes one attempt to append a batch.
    ///
    /// - Returns: The session with the batches that came first; `nil` if the batch is in the log.
    private func append(
        _ next: Snapshot.Successor,
        after base: Snapshot,
        until deadline: Duration,
        cost: inout StoreCost
    ) async throws(SessionError) -> Snapshot? {
        switch try await boundary.log.append(
            next.encoded,
            making: next.snapshot,
            to: key,
            expecting: base.position,
            until: deadline,
            cost: &cost
        ) {
        case .committed, .duplicate: return nil
        case .stale(let missing):
            return try boundary.log.fold(missing, of: key, for: base.rendering.dialect, after: base, cost: &cost)
        }
    }

    private func successor(
        _ fit: ContextFit,
        _ id: TurnID,
        changesView: Bool,
        plannedAt start: Snapshot,
        after base: Snapshot
    ) -> Snapshot.Successor {
        var batch = Batch(changesView ? .view : .crossings, turn: id, created: boundary.timestamp())
        batch.crossings = fit.crossings
        if changesView {
            let change = base.change(to: fit.view, plannedAt: start)
            batch.view = change.view
            batch.entries = change.entries
        }
        return base.successor(batch)
    }

    /// Leaves the calls of a batch that the store may not have taken to the session's next batch.
    private func leave(_ calls: [Crossing], of id: TurnID, after base: LogEnd, _ error: SessionError) {
        guard !calls.isEmpty else { return }
        switch error {
        case .gone, .regressed: boundary.unrecorded.forget(calls)
        default:
            // A call for a summary carries no view: the record must not claim that the newest request carried this one.
            var sent = base.head
            sent.view.revision = base.revision.next
            let record = CallRecord(key: key, turn: id, base: base, sent: sent, crossings: calls)
            boundary.unrecorded.add(unknown: record, of: life)
        }
    }
}
