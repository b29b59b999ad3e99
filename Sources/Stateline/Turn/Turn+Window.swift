internal import NIOCore

extension Turn {
    /// The number of tokens of the next request.
    ///
    /// - Complexity: As ``ModelSession/contextSize``.
    public var contextSize: ContextSize {
        ContextSize(
            of: ContextSize.Content(
                transcript: transcript,
                rendering: rendering,
                tools: tools,
                memory: memory,
                head: origin.head,
                bytesPerToken: session.meter?.bytesPerToken(on: session.model.route)
            )
        )
    }

    /// Asks the context window's strategies for a smaller request, if the trigger is one of the window's.
    ///
    /// Strategies change the session's view, in a batch of its own. Outputs of the turn's own tools they may shorten in its
    /// requests; the turn commits them whole. If another writer has appended entries meanwhile, nothing is changed: the
    /// turn's commit will be stale anyway.
    ///
    /// - Parameter trigger: The cause.
    /// - Returns: `true` if the next request is smaller than before.
    /// - Throws: ``SessionError``: cancelled, or what the store's failure stands for.
    /// - Complexity: O(*k*) in the entries after the provider's newest count; if strategies are asked, O(*n*) in the size of
    ///   the view.
    mutating func fit(_ trigger: Compaction.Trigger) async throws(SessionError) -> Bool {
        guard let window = session.configuration.contextWindow else { return false }
        // Another writer has changed the view under an open turn.
        if let steps, steps.base.view != origin.view { return false }
        let size = contextSize
        guard let target = target(of: window, trigger, size) else { return false }
        let turnEntries = Array(transcript[origin.transcript.count...])
        let view = ContextView(of: origin, turn: turnEntries, size: size, tools: tools, target: target)
        let fit = await session.fit(
            view,
            by: window.strategies,
            at: origin.position,
            timeLeft: timeLeft,
            stopwatch: stopwatch
        )
        stopwatch.lap(.project)
        let base = steps.map { handedBack($0.base) } ?? session.newest(withViewOf: origin) ?? handedBack(origin)
        var cost = StoreCost()
        defer { trace.add(cost) }
        let moved = try await session.append(fit, after: base, isShifted: false, cost: &cost)
        stopwatch.lap(.storeCommit)
        if Task.isCancelled { throw .cancelled(draft: machine.kept) }
        guard fit.isChanged, moved != nil || !fit.changesView else { return false }
        take(fit, trigger, size, moved: moved)
        return true
    }

    /// Returns the number of tokens to come down to; `nil` if the strategies are not to be asked.
    private mutating func target(
        of window: ContextWindow,
        _ trigger: Compaction.Trigger,
        _ size: ContextSize
    ) -> Int? {
        switch trigger {
        case .requested: return window.target
        case .beforeCall:
            guard window.triggers.contains(.beforeCall), size.tokens > window.maximumRequestTokens else { return nil }
            return window.target
        case .sizeExceeded:
            guard window.triggers.contains(.sizeExceeded), !wasSizeExceeded else { return nil }
            wasSizeExceeded = true
            // The provider's limit is lower than the window's, or its count is higher than the estimate.
            return min(window.target, size.tokens / 2)
        }
    }

    /// Continues with the smaller request.
    private mutating func take(
        _ fit: ContextFit,
        _ trigger: Compaction.Trigger,
        _ size: ContextSize,
        moved: Snapshot?
    ) {
        let bytesBefore = rendering.end
        let previous = origin
        var keptBytes = previous.rendering.end
        if let moved {
            if steps != nil { advanceSteps(to: moved) }
            origin = hasOwnDialect ? moved : moved.rendered(for: rendering.dialect)
            keptBytes = origin.commonPrefixBytes(with: previous)
        }
        transcript = origin.transcript
        transcript.append(contentsOf: fit.turnEntries)
        rendering = origin.rendering
        rendering.append(restOf: transcript)
        memory?.cut(toBytes: keptBytes)
        projected = nil
        if let count = fit.entriesBeforeShortened {
            entriesBeforeShortened = min(count, entriesBeforeShortened ?? count)
        }
        let compaction = Compaction(
            fit,
            trigger: trigger,
            size: size,
            from: previous,
            to: moved,
            bytes: (bytesBefore, rendering.end),
            keptPrefixBytes: keptBytes
        )
        trace.compactions.append(compaction)
        session.observers.observe(compaction, of: session.key, during: id)
    }

    /// Takes a provider's count into the handle's meter.
    func count(_ answer: Answer, with meter: TokenMeter) {
        guard let request = machine.request, let tokens = answer.usage?.input.totalTokenCount else { return }
        meter.counted(tokens, of: request.body.byteCount, on: request.route)
    }

    /// The content of the newest request, up to the first output that is shortened in it.
    var sentInFull: SentRequest? {
        guard let sent = memory?.sent, let count = entriesBeforeShortened else { return memory?.sent }
        return SentRequest(entries: min(sent.entries, origin.transcript.count + count), tools: sent.tools)
    }

    /// The bytes of the newest request before the first output that is shortened in it.
    var bytesBeforeShortened: Int {
        let entries = origin.transcript.count + (entriesBeforeShortened ?? 0)
        guard let bytes = rendering.byteOffset(ofEntry: entries) else { return origin.rendering.end }
        return rendering.opening.readableBytes + bytes
    }
}

extension Compaction {
    /// Makes the record of a compaction.
    init(
        _ fit: ContextFit,
        trigger: Trigger,
        size: ContextSize,
        from previous: Snapshot,
        to moved: Snapshot?,
        bytes: (before: Int, after: Int),
        keptPrefixBytes: Int
    ) {
        self.init(
            trigger: trigger,
            strategies: fit.strategies,
            revision: moved?.position.revision,
            previousRevision: moved.map { Revision(rawValue: $0.position.revision.rawValue - 1) }
                ?? previous.position.revision,
            tokensBefore: size.tokens,
            tokensAfter: fit.view.tokens,
            entriesBefore: fit.original.items.count,
            entriesAfter: fit.view.items.count,
            bytesBefore: bytes.before,
            bytesAfter: bytes.after,
            keptPrefixBytes: keptPrefixBytes,
            shortenedOutputs: fit.shortenedCount,
            crossings: fit.crossings
        )
    }
}
