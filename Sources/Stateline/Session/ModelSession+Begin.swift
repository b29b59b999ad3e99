internal import NIOCore

extension ModelSession {
    func begin(
        _ start: TurnStart,
        options: GenerationOptions,
        isStreamed: Bool
    ) async throws(SessionError) -> TurnBeginning {
        switch start {
        case .prompt(let prompt, let key): try await begin(prompt, key: key, options: options, isStreamed: isStreamed)
        case .resumption(let answers):
            .turn(try await continueTurn(answering: answers, options: options, isStreamed: isStreamed))
        }
    }

    /// Begins a turn with a prompt.
    private func begin(
        _ prompt: Prompt,
        key idempotencyKey: String?,
        options asked: GenerationOptions,
        isStreamed: Bool
    ) async throws(SessionError) -> TurnBeginning {
        guard !prompt.isEmpty else { throw .emptyPrompt }
        var options = try merged(asked)
        let start = boundary.now()
        let id = idempotencyKey.map { TurnID(key: $0, in: key) } ?? .random()
        guard var checkout = withState({ $0.turnStarted(id) }) else { throw .concurrentRequests }
        let stopwatch = Stopwatch(now: boundary.now, since: start, carrying: StageTimes(checkout.cost))
        let admitted: Admitted
        do throws(SessionError) {
            try await prepare(&checkout, id, stopwatch)
            admitted = try await admit(id, prompt, idempotencyKey, &checkout, stopwatch)
            if let settings = checkout.snapshot.settingsBox { options = try merged(asked, settings.value) }
        } catch {
            turnSettled(id)
            observers.observe(error, id, of: checkout.snapshot, stopwatch: stopwatch)
            throw error
        }
        stopwatch.lap(.cacheLookup)
        switch admitted {
        case .free(let repair):
            return .turn(turn(id, checkout, prompt, after: repair, options, isStreamed, stopwatch))
        case .opened(let repair, let base):
            var turn = turn(id, checkout, prompt, after: repair, options, isStreamed, stopwatch)
            turn.machine.opened()
            turn.steps = steps(of: id, after: base, keepsSteps: configuration.durability == .step)
            return .turn(turn)
        case .answered(let response):
            turnSettled(id)
            return .answered(response)
        case .branch:
            turnSettled(id)
            let branch = try await branch(for: id)
            return try await branch.begin(prompt, key: idempotencyKey, options: asked, isStreamed: isStreamed)
        }
    }

    /// Brings the session at the beginning of a turn up to date.
    private func prepare(
        _ checkout: inout HandleState.Checkout,
        _ id: TurnID,
        _ stopwatch: Stopwatch
    ) async throws(SessionError) {
        if gate != nil { try await enter(id, &checkout, stopwatch) }
        if boundary.unrecorded.needsCheck(life) { try await clear(&checkout, stopwatch) }
        if boundary.log.cache != nil {
            try await bringUpToDate(&checkout, stopwatch)
        } else if let newer = shared?.newer(than: checkout.snapshot) {
            advance(&checkout, to: newer)
        }
        if wantsLook(checkout) { try await look(&checkout, stopwatch) }
    }

    /// Admits a turn: at once if it is not to be open in the log and no other turn is.
    private func admit(
        _ id: TurnID,
        _ prompt: Prompt,
        _ idempotencyKey: String?,
        _ checkout: inout HandleState.Checkout,
        _ stopwatch: Stopwatch
    ) async throws(SessionError) -> Admitted {
        guard isLeased(key: idempotencyKey) || checkout.snapshot.turnInTheWay != nil else {
            return .free(try await repair(&checkout, stopwatch))
        }
        boundary.openTurns.began(id)
        let isLeased = isLeased(key: idempotencyKey)
        return try await admit(id, prompt, isLeased: isLeased, &checkout, stopwatch)
    }

    private func turn(
        _ id: TurnID,
        _ checkout: HandleState.Checkout,
        _ prompt: Prompt,
        after repair: TurnRepair,
        _ options: GenerationOptions,
        _ isStreamed: Bool,
        _ stopwatch: Stopwatch
    ) -> Turn {
        var turn = Turn(
            id,
            of: self,
            from: checkout.snapshot,
            memory: checkout.memory,
            opening: repair.entries + [Entry(.prompt(prompt.parts))],
            options: options,
            isStreamed: isStreamed,
            stopwatch: stopwatch
        )
        turn.trace.add(checkout.cost)
        if !repair.report.isEmpty { turn.trace.repairs = repair.report }
        stopwatch.lap(.project)
        return turn
    }

    /// Returns the log of a turn that was opened or taken over.
    func steps(of id: TurnID, after base: Snapshot, keepsSteps: Bool) -> StepLog {
        boundary.openTurns.began(id)
        return StepLog(
            base: base,
            leased: base.openTurn?.leased ?? base.position.revision,
            keepsSteps: keepsSteps,
            keeper: LeaseKeeper(id, after: base, log: boundary.log)
        )
    }

    /// Makes the fork in which a turn runs, whose policy is `optimistic`.
    private func branch(for turn: TurnID) async throws(SessionError) -> ModelSession {
        let suffix = turn.rawValue.hexadecimal.prefix(16)
        let id = key.id.prefix(SessionKey.maximumLength - 20) + "~\(suffix)"
        var configuration = configuration
        configuration.policy = .optimistic
        return try await fork(at: nil, as: String(id), configuration: configuration)
    }
}
