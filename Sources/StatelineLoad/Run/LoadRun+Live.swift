extension LoadRun {
    /// The number of sessions made concurrently before the run.
    private static let makers = 32

    /// Keeps the configured number of sessions live.
    func driveLive(_ count: Int, _ state: LoadState, _ pacer: Pacer) async {
        let live = LiveSessions(workload, count: count, configuration)
        let conversations = await prepare(live, state)
        if Task.isCancelled { return }
        state.prepared()
        if let duration = configuration.parameters.duration { state.planned(until: duration) }
        // Time to make the tasks, and as long again for each hundred thousand of them.
        let start = Pacer.now + .milliseconds(50) + .microseconds(10) * count
        state.began(at: start)
        await withDiscardingTaskGroup { group in
            for (number, (session, conversation)) in zip(live.sessions, conversations).enumerated() {
                let held = HeldSession(
                    number: number,
                    turns: session.turns,
                    conversation: conversation ?? state.conversation(number),
                    arrival: start + session.due
                )
                let numbers = (session: count, turns: live.nextNumber)
                group.addTask { await holdOneAfterAnother(held, next: numbers, state, pacer, since: start) }
            }
        }
    }

    /// Makes the sessions with their histories.
    ///
    /// - Returns: The sessions; `nil` for one that failed, which begins with its next turn.
    private func prepare(_ live: LiveSessions, _ state: LoadState) async -> [(any Conversation)?] {
        await withTaskGroup(of: (Int, (any Conversation)?).self) { group in
            var made = [(any Conversation)?](repeating: nil, count: live.sessions.count)
            for (number, session) in live.sessions.enumerated() {
                if number >= Self.makers, let (index, conversation) = await group.next() { made[index] = conversation }
                group.addTask { (number, await prepare(number, session, state)) }
            }
            for await (index, conversation) in group { made[index] = conversation }
            return made
        }
    }

    private func prepare(
        _ number: Int,
        _ session: LiveSessions.Session,
        _ state: LoadState
    ) async -> (any Conversation)? {
        var conversation = state.conversation(number)
        if let history = session.history {
            var turn = PlannedTurn(
                requestTokens: history.requestTokens,
                answerTokens: history.answerTokens,
                keptTokens: history.keptTokens
            )
            turn.commonTokens = 0
            do { _ = try await conversation.perform(turn) } catch {
                if Task.isCancelled { return nil }
                state.workers[number % state.workers.count].record { $0.failed(LoadState.reason(of: error)) }
                return nil
            }
        }
        state.sessionLives()
        return conversation
    }

    /// Runs a session and its replacements, to the end of the run.
    private func holdOneAfterAnother(
        _ first: HeldSession,
        next numbers: (session: Int, turns: Int),
        _ state: LoadState,
        _ pacer: Pacer,
        since start: Duration
    ) async {
        var session = first
        while let ended = await hold(session, state, pacer, since: start) {
            // The replacement begins before the ended session is counted out.
            let next = state.nextSession()
            state.sessionLives()
            state.sessionDied()
            session = HeldSession(
                number: numbers.session + next,
                turns: workload.turns(of: numbers.turns + next, in: configuration.parameters)[...],
                conversation: state.conversation(numbers.session + next),
                arrival: ended
            )
        }
    }
}
