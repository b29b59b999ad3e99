internal import NIOCore

extension ModelSession {
    /// Continues the session's open turn from its last step, and commits it.
    ///
    /// Any process can continue a turn: everything it needs is in the log. Answers of the model that are in the log are not
    /// asked for again, and tools with an output there do not run again. Calls without an output follow
    /// ``SessionConfiguration/orphans``, and a model call that may have been under way follows
    /// ``SessionConfiguration/repeatsModelCalls``.
    ///
    /// A turn that another process holds is waited for until its lease has run out: the time is that of this process's own
    /// monotonic clock, from when it first saw the newest sign of life. Commits are fenced, side effects of tools are not: a
    /// holder that was only paused may still run a tool while this one continues.
    ///
    /// - Parameters:
    ///   - answers: Answers to the actions that the turn waits for: ``SessionError/turnWaiting(_:_:_:)`` names them. A
    ///     turn that still waits for others afterwards throws that error again.
    ///   - options: The options of generation for the calls that follow.
    /// - Returns: The response, once the turn is committed.
    /// - Throws: ``SessionError``; notResumable if there is no open turn or an answer fits no action.
    @discardableResult
    public func resume(
        answering answers: [ActionAnswer] = [],
        options: GenerationOptions = GenerationOptions()
    ) async throws(SessionError) -> Response<String> {
        let runner = TurnRunner(session: self, start: .resumption(answers), options: options, isStreamed: false)
        while let part = try await runner.next() {
            if case .response(let response) = part { return response }
        }
        throw .cancelled()
    }

    /// Continues the session's open turn piece by piece; see ``resume(answering:options:)``.
    public func streamResumption(
        answering answers: [ActionAnswer] = [],
        options: GenerationOptions = GenerationOptions()
    ) -> ResponseStream<String> {
        ResponseStream(session: self, start: .resumption(answers), options: options) { $0 }
    }

    /// The actions that the open turn waits for, as far as this handle knows the log; empty if it does not wait.
    public var requiredActions: [RequiredAction] {
        let snapshot = snapshot
        return snapshot.openTurn.map { snapshot.requiredActions(of: $0) } ?? []
    }

    /// Takes the open turn over.
    func continueTurn(
        answering answers: [ActionAnswer],
        options: GenerationOptions,
        isStreamed: Bool
    ) async throws(SessionError) -> Turn {
        let start = boundary.now()
        var (base, cost) = (snapshot, StoreCost())
        try await update(&base, &cost)
        let options = try merged(options, base.settingsBox?.value)
        guard let id = base.openTurn?.turn else { throw .notResumable(key, "no turn is open") }
        guard !boundary.openTurns.isLive(id), var checkout = withState({ $0.turnStarted(id) }) else {
            throw .concurrentRequests
        }
        boundary.openTurns.began(id)
        let stopwatch = Stopwatch(now: boundary.now, since: start, carrying: StageTimes(checkout.cost))
        let wasWaiting: Bool
        do throws(SessionError) {
            wasWaiting = try await take(id, answers, &base, &cost)
        } catch {
            turnSettled(id)
            observers.observe(error, id, of: base, stopwatch: stopwatch)
            throw error
        }
        checkout.cost += cost
        stopwatch.lap(.cacheLookup, apartFrom: StageTimes(cost))
        var turn = turn(id, base, checkout, options, isStreamed, stopwatch)
        if case .runTools = turn.machine.nextAction { turn.isContinued = !wasWaiting }
        return turn
    }

    /// Appends the batch that gives this process the turn.
    ///
    /// - Returns: `true` if the turn waited, so that no tool of an open call had been run; `false` if it was another
    ///   process's.
    private func take(
        _ id: TurnID,
        _ answers: [ActionAnswer],
        _ base: inout Snapshot,
        _ cost: inout StoreCost
    ) async throws(SessionError) -> Bool {
        var looks = 0
        while true {
            guard let open = base.openTurn, open.turn == id else { throw .notResumable(key, "the turn has ended") }
            if open.isWaiting {
                let (decisions, outputs) = try decide(answers, of: open, in: base)
                if try await post(.decided(decisions, lease), of: id, outputs, after: &base, &cost) { return true }
                continue
            }
            guard answers.isEmpty else { throw .notResumable(key, "the turn does not wait for actions") }
            try checkContinuation(of: open, in: base)
            // The register lists this process as the holder from now on; what it held before does not run any more.
            let isOwn = boundary.openTurns.isHolder(open.lease.holder)
            let isSilent = isOwn ? true : try await isSilent(inTheWayOf: &base, &cost)
            guard base.openTurn?.turn == id else { continue }
            guard isSilent else {
                try await pause(after: looks)
                looks += 1
                continue
            }
            if try await post(.taken(lease), of: id, after: &base, &cost) { return false }
        }
    }

    /// Checks that the policies allow a turn to be continued.
    private func checkContinuation(of open: OpenTurn, in base: Snapshot) throws(SessionError) {
        let entries = base.entries(open.entries)
        let calls = Transcript(entries).openToolCalls
        if calls.isEmpty, entries.last?.isAnswer != true, !configuration.repeatsModelCalls {
            throw .modelCallNotRepeated(key, open.turn)
        }
        let caller = Toolbox.Caller(
            session: key,
            turn: open.turn,
            configuration: configuration,
            timeLeft: nil,
            values: TurnValueTable(base.values)
        )
        let orphans = calls.filter { toolbox.mayHaveRun($0, decisions: open.decisions, for: caller) }
        if configuration.orphans == .fail, !orphans.isEmpty { throw .openToolCalls(orphans) }
    }

    /// Makes decisions of the answers to a waiting turn.
    private func decide(
        _ answers: [ActionAnswer],
        of open: OpenTurn,
        in base: Snapshot
    ) throws(SessionError) -> ([TurnRecord.Decision], [Entry]) {
        let required = base.requiredActions(of: open)
        guard !answers.isEmpty else { throw .turnWaiting(key, open.turn, required) }
        var outputs: [Entry] = []
        var decisions: [TurnRecord.Decision] = []
        var answered: Set<ToolCall.ID> = []
        for answer in answers {
            guard let action = required.first(where: { $0.call.id == answer.call }),
                answered.insert(answer.call).inserted
            else { throw .notResumable(key, "no action is required for call \(answer.call.debugDescription)") }
            let reason: String?
            switch (answer, action.kind) {
            case (.approve, .approval): reason = nil
            case (.deny(_, let given), _):
                reason = given
                outputs.append(Entry(.toolOutput(.denied(action.call, reason: given))))
            case (.output(let output), .clientTool), (.output(let output), .externalEvent):
                reason = nil
                outputs.append(Entry(.toolOutput(output)))
            default: throw .notResumable(key, "call \(answer.call.debugDescription) needs another kind of answer")
            }
            let isApproved = if case .deny = answer { false } else { true }
            decisions.append(
                TurnRecord.Decision(
                    call: answer.call,
                    isApproved: isApproved,
                    principal: configuration.principal,
                    reason: reason
                )
            )
        }
        return (decisions, outputs)
    }

    /// Makes the turn of what the log holds of it.
    private func turn(
        _ id: TurnID,
        _ base: Snapshot,
        _ checkout: HandleState.Checkout,
        _ options: GenerationOptions,
        _ isStreamed: Bool,
        _ stopwatch: Stopwatch
    ) -> Turn {
        let entries = base.openTurn.map { base.entries($0.entries) } ?? []
        var turn = Turn(
            id,
            of: self,
            from: base,
            memory: nil,
            opening: entries,
            options: options,
            isStreamed: isStreamed,
            stopwatch: stopwatch
        )
        let draft = Draft(turn: id, base: base.position, entries: entries)
        turn.machine = TurnStateMachine(continuing: draft, after: base.openTurn?.callCount ?? 0)
        turn.attempt = CallAttempt(step: entries.count { if case .toolCalls = $0.content { true } else { false } })
        turn.steps = steps(of: id, after: base, keepsSteps: true)
        turn.trace.add(checkout.cost)
        stopwatch.lap(.project)
        return turn
    }
}

extension Snapshot {
    /// The actions that an open turn waits for, with their tool calls.
    func requiredActions(of open: OpenTurn) -> [RequiredAction] {
        guard open.isWaiting else { return [] }
        var calls: [ToolCall.ID: ToolCall] = [:]
        for entry in entries(open.entries) {
            if case .toolCalls(let made) = entry.content { for call in made { calls[call.id] = call } }
        }
        return open.actions.compactMap { action in calls[action.call].map { RequiredAction(action.kind, call: $0) } }
    }
}

extension ToolOutput {
    /// Makes the output of a call that was not allowed.
    static func denied(_ call: ToolCall, reason: String?) -> ToolOutput {
        let text = "The call was denied\(reason.map { ": \($0)" } ?? ".")"
        return ToolOutput(callID: call.id, name: call.name, text: text, isError: true)
    }
}
