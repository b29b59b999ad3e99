internal import NIOCore

extension Turn {
    /// `true` if the turn is open in the log, so that other processes see it.
    public var isOpen: Bool { steps != nil && !machine.isEnded }

    /// Writes what the turn has received since its newest batch, if it is kept step by step and there is anything.
    ///
    /// `respond` and `streamResponse` call it after each answer and each output. The owner of a turn calls it when it is to
    /// survive its process.
    ///
    /// - Throws: ``SessionError/turnLost(_:draft:)`` if the log shows that the turn has ended or has another holder;
    ///   ``SessionError/notCommitted(_:)`` with the draft if the store failed. The turn can only be abandoned then.
    /// - Complexity: O(*k*) in the size of what is new; one round trip.
    public mutating func keepStep() async throws(SessionError) {
        guard steps?.keepsSteps == true else { return }
        try await logStep()
    }

    /// Writes what the turn has received since its newest batch.
    private mutating func logStep() async throws(SessionError) {
        guard let inputs = steps?.takenInputs else { return }
        guard inputs > 0 || !machine.unloggedEntries.isEmpty || !machine.unloggedCalls.isEmpty else { return }
        try await log(.stepped(inputs: inputs))
    }

    /// Writes an event of the turn, and what it has received since its newest batch.
    mutating func log(_ record: TurnRecord) async throws(SessionError) {
        stopwatch.lap(.fold)
        var batch = Batch(.step, turn: id, created: session.timestamp())
        batch.record = record
        batch.entries = Array(machine.unloggedEntries)
        batch.crossings = Array(machine.unloggedCalls)
        batch.values = unloggedValues()
        let deadline = session.log.now() + session.configuration.commitTimeout.bounded
        switch await write(batch.eventWord, until: deadline, { $0.successor(batch) }) {
        case .success:
            machine.stepLogged()
            let values = machine.collected.values
            steps?.loggedValues = values
        case .failure(let reason): throw .notCommitted(CommitFailure(reason: reason, draft: wholeDraft))
        case nil: throw lost()
        }
        steps?.takenInputs = 0
    }

    /// The error of a turn that the log does not hold open any more.
    mutating func lost() -> SessionError {
        let error = SessionError.turnLost(steps?.loss(of: id) ?? .ended, draft: machine.kept)
        failure = error
        return error
    }

    /// All that the turn has received.
    private var wholeDraft: Draft {
        machine.kept ?? Draft(turn: id, base: origin.position, entries: machine.draft?.entries ?? [])
    }

    /// Appends a batch of the turn, again after batches of others, until the deadline.
    ///
    /// - Returns: How the store acknowledged it, and the snapshot with it; `nil` if the turn is lost.
    private mutating func write(
        _ event: String,
        until deadline: Duration,
        _ make: (Snapshot) -> Snapshot.Successor?
    ) async -> Result<(Acknowledged, Snapshot), CommitFailure.Reason>? {
        while let steps, steps.isHeld(id) {
            guard let next = make(steps.base) else { return nil }
            stopwatch.lap(.encode)
            CrashPoint.reached("before \(event)")
            defer { CrashPoint.reached("after \(event)") }
            switch await append(next, to: session.log, expecting: steps.base.position, until: deadline) {
            case .success(.committed(let acknowledged)), .success(.duplicate(let acknowledged)):
                stopwatch.lap(.storeCommit)
                advanceSteps(to: next.snapshot)
                return .success((acknowledged, next.snapshot))
            case .success(.stale(let missing)):
                stopwatch.lap(.storeCommit)
                guard session.log.now() < deadline, let newer = try? steps.base.following(missing) else {
                    return .failure(.stale(current: missing.last?.position ?? steps.base.position))
                }
                advanceSteps(to: newer)
            case .failure(let reason): return .failure(reason)
            }
        }
        return nil
    }

    mutating func advanceSteps(to snapshot: Snapshot) {
        steps?.base = snapshot
        steps?.keeper.advanced(to: snapshot)
        session.stepped(to: handedBack(snapshot))
    }

    /// Takes in the inputs of other turns that the log holds, if the turn is between two steps.
    ///
    /// - Returns: `true` if there were any: another call is due.
    mutating func takeInputs() async throws(SessionError) -> Bool {
        guard let waiting = steps?.base.openTurn?.inputs.dropFirst(steps?.takenInputs ?? 0), !waiting.isEmpty else {
            return false
        }
        // In the order of the log, they come after all that the turn received before.
        if !machine.unloggedEntries.isEmpty { try await log(.stepped(inputs: steps?.takenInputs ?? 0)) }
        guard let steps, let inputs = steps.base.openTurn?.inputs else { return false }
        let entries = inputs.flatMap { steps.base.entries(EntryRanges([$0.entries])) }
        guard machine.inputsArrived(entries) else { return false }
        self.steps?.takenInputs = inputs.count
        transcript.append(contentsOf: entries)
        rendering.append(entries[...], of: transcript)
        projected = nil
        return true
    }

    /// Ends the open turn: its entries come into the view.
    ///
    /// - Returns: The commit; `nil` if inputs of other turns came first: the turn continues.
    mutating func commitSteps() async throws(SessionError) -> Commit? {
        if steps?.takenInputs ?? 0 > 0 { try await logStep() }
        let changes = unloggedValues()
        let complete: Draft
        switch machine.commitStarted() {
        case .success(let draft):
            complete = draft
            values?.end()
        case .failure(let misuse): throw refusal(misuse)
        }
        trace.crossings = complete.crossings
        trace.entriesCommitted = complete.entries.count
        let earlier = session.takeUnrecordedCalls()
        let calls = Array(machine.unloggedCalls)
        var batch = Batch(.turn, turn: id, created: session.timestamp())
        batch.record = .ended(TurnRecord.Ending(.committed, calls: calls.count))
        batch.entries = Array(machine.unloggedEntries)
        batch.crossings = earlier + calls
        batch.values = changes
        let deadline = session.log.now() + session.configuration.commitTimeout.bounded
        var isSteered = false
        var sent: Snapshot.Successor?
        var sentAfter: Position?
        let (view, known, newest) = (origin.view, rendering, memory?.sent)
        let result = await write(batch.eventWord, until: deadline) { base in
            isSteered = base.openTurn?.inputs.isEmpty == false
            guard !isSteered else { return nil }
            let isSameView = base.view == view
            sent = base.successor(batch, sent: isSameView ? newest : nil, rendering: isSameView ? known : nil)
            sentAfter = base.position
            return sent
        }
        var draft = complete
        draft.crossings = calls
        switch result {
        case .success((let acknowledged, let snapshot)):
            draft.crossings = complete.crossings
            return committed(draft, as: snapshot, acknowledged, .committed(acknowledged))
        case .failure(let reason):
            if let sent, let sentAfter { draft.encoded = Draft.Encoded(batch: sent.encoded, base: sentAfter) }
            throw await fail(reason, draft, after: steps?.base, recording: earlier, until: deadline)
        case nil where isSteered:
            session.giveBack(earlier, after: end(after: steps?.base ?? origin))
            guard try await takeInputs() else { throw lost() }
            return nil
        case nil:
            let error = SessionError.turnLost(steps?.loss(of: id) ?? .ended, draft: draft)
            let unrecorded = earlier + machine.commitFailed(isKnown: true)
            let base = end(after: steps?.base ?? origin)
            session.turnEnded(
                id,
                memory: keptMemory,
                leaving: .missing(unrecorded, after: base, isFailing: false, isAnnounced: true)
            )
            observe(.failed(error), trace: closedTrace(), head: base.head)
            session.turnSettled(id)
            throw error
        }
    }

    /// Writes that the turn has ended without a commit, and its last calls.
    ///
    /// - Returns: `false` if the store did not take it: the turn's lease runs out then.
    mutating func endSteps(_ outcome: Crossing.Outcome) async -> Bool {
        guard let steps, steps.isHeld(id), !steps.keeper.isLost else { return false }
        values?.end()
        let calls = machine.unrecorded(endingWith: outcome, at: stopwatch.elapsed)
        var batch = Batch(.turn, turn: id, created: session.timestamp())
        let ending: TurnRecord.Ending.Outcome =
            outcome == .cancelled ? .cancelled : .failed(failure?.turnCode ?? "abandoned")
        batch.record = .ended(TurnRecord.Ending(ending, calls: calls.count))
        batch.entries = Array(machine.unloggedEntries)
        batch.crossings = calls
        let stage = machine.restingStage
        let deadline = session.log.now() + session.configuration.recordTimeout
        guard case .success? = await write(batch.eventWord, until: deadline, { $0.successor(batch) }) else {
            return false
        }
        _ = machine.abandoned(outcome, at: stopwatch.elapsed)
        session.turnEnded(id, memory: keptMemory, leaving: nil)
        if isObserved {
            stopwatch.lap(stage)
            var trace = closedTrace()
            trace.crossings = calls
            observe(failure.map { .failed($0) } ?? .abandoned, trace: trace, head: self.steps?.base.head ?? origin.head)
        }
        session.turnSettled(id)
        return true
    }

    /// The turn as its tools see it.
    mutating func caller() -> Toolbox.Caller {
        Toolbox.Caller(
            session: session.key,
            turn: id,
            configuration: session.configuration,
            timeLeft: timeLeft,
            values: sharedValues()
        )
    }

    /// The changes of values that the log lacks.
    ///
    /// All of them are written again if there is a new one: the newest change of a value counts.
    private mutating func unloggedValues() -> [ValueChange] {
        collectValues()
        let changes = machine.collected.values
        return changes == steps?.loggedValues ? [] : changes
    }

    /// The decisions about actions that the turn waited for.
    var decisions: [TurnRecord.Decision] { steps?.base.openTurn?.decisions ?? [] }

    /// Opens the turn in the log with what it has received so far, unless it is open there.
    mutating func openNow() async throws(SessionError) {
        guard steps == nil else { return }
        let draft = machine.draft
        let input = draft?.entries.first { if case .prompt = $0.content { true } else { false } }
        var batch = Batch(.step, turn: id, created: session.timestamp())
        batch.record = .opened(
            TurnRecord.Opening(
                lease: session.lease,
                input: .input(input ?? .prompt("")),
                retention: session.configuration.turnRetention
            )
        )
        batch.entries = draft?.entries ?? []
        batch.crossings = draft?.crossings ?? []
        batch.values = unloggedValues()
        let deadline = session.log.now() + session.configuration.commitTimeout.bounded
        var base = session.newest(withViewOf: origin) ?? origin
        while true {
            let next = base.successor(batch)
            switch await append(next, to: session.log, expecting: base.position, until: deadline) {
            case .success(.committed), .success(.duplicate):
                stopwatch.lap(.storeCommit)
                steps = session.steps(of: id, after: next.snapshot, keepsSteps: true)
                machine.stepLogged()
                let values = machine.collected.values
                steps?.loggedValues = values
                return advanceSteps(to: next.snapshot)
            case .success(.stale(let missing)):
                guard session.log.now() < deadline, let newer = base.following(missing, withViewOf: origin) else {
                    let current = missing.last?.position ?? base.position
                    throw .notCommitted(CommitFailure(reason: .stale(current: current), draft: wholeDraft))
                }
                base = newer
            case .failure(let reason): throw .notCommitted(CommitFailure(reason: reason, draft: wholeDraft))
            }
        }
    }

    /// Leaves the turn waiting for actions from outside.
    ///
    /// - Returns: The error that says so.
    mutating func wait(for actions: [RequiredAction]) async throws(SessionError) -> SessionError {
        try await log(.waiting(actions.map { TurnRecord.Action($0.kind, call: $0.call.id) }))
        steps?.keeper.stop()
        let error = SessionError.turnWaiting(session.key, id, actions)
        failure = error
        trace.crossings = machine.draft?.crossings ?? []
        machine.left()
        session.turnEnded(id, memory: keptMemory, leaving: nil)
        stopwatch.lap(.storeCommit)
        observe(.waiting(actions), trace: closedTrace(), head: steps?.base.head ?? origin.head)
        session.turnSettled(id)
        return error
    }
}

extension SessionError {
    /// A word for the turn record of a turn that failed.
    fileprivate var turnCode: String {
        switch self {
        case .model(let error, _): error.code
        case .tool: "tool_failed"
        case .tooManySteps: "too_many_steps"
        case .turnTimedOut: "timeout"
        case .cancelled: "cancelled"
        case .openToolCalls: "open_tool_calls"
        case .notCommitted, .store: "store_failed"
        default: "failed"
        }
    }
}
