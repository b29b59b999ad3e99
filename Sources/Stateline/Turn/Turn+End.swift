internal import NIOCore

extension Turn {
    /// Ends the turn without a commit, and records its calls before the handle is free for another turn.
    ///
    /// If the task is cancelled the store is not waited for, and not longer than for a commit otherwise: the boundary keeps
    /// the calls.
    mutating func end(_ outcome: Crossing.Outcome) async {
        guard !machine.isEnded else { return }
        let isRecorded = !Task.isCancelled
        let stage = machine.restingStage
        steps?.keeper.stop()
        if isRecorded, steps != nil, await endSteps(outcome) { return }
        values?.end()
        let calls = machine.abandoned(outcome, at: stopwatch.elapsed)
        leave(calls, at: stage, isRecorded: isRecorded)
        if isRecorded, !calls.isEmpty {
            await session.recordCalls(until: session.log.now() + session.configuration.recordTimeout)
        }
        session.turnSettled(id)
    }

    /// Gives the session back without a commit; no other turn begins yet.
    ///
    /// - Parameters:
    ///   - calls: The calls that were made.
    ///   - stage: The stage in which the turn ends.
    ///   - isRecorded: `true` if the caller records them.
    func leave(_ calls: [Crossing], at stage: Stage, isRecorded: Bool) {
        if isObserved { stopwatch.lap(stage) }
        let unrecorded = UnrecordedCalls.missing(
            calls,
            after: end(after: origin),
            isFailing: false,
            isAnnounced: !isRecorded
        )
        session.turnEnded(id, memory: keptMemory, leaving: calls.isEmpty ? nil : unrecorded)
        guard isObserved else { return }
        var trace = closedTrace()
        trace.crossings = calls
        observe(failure.map { .failed($0) } ?? .abandoned, trace: trace, head: origin.head)
    }

    /// The newest request, if nothing of the turn stays in the session.
    var keptMemory: RequestMemory? {
        var memory = comparableMemory
        memory?.cut(toBytes: origin.rendering.end)
        return memory
    }

    /// Returns the end of a snapshot's log, with the tools that the turn's calls declared in its head.
    func end(after base: Snapshot) -> LogEnd {
        var end = base.end
        if let tools = memory?.sent.tools { end.head.view.sentTools = tools }
        return end
    }

    /// Returns the trace as it stands.
    func closedTrace() -> TurnTrace {
        var trace = trace
        trace.total = stopwatch.elapsed
        trace.stages = stopwatch.times
        return trace
    }

    /// A Boolean value that indicates whether observers learn of the turn's end.
    var isObserved: Bool { !session.observers.isEmpty }

    /// Notifies the observers of the turn's end.
    func observe(_ outcome: EndedTurn.Outcome, trace: TurnTrace, head: Head) {
        session.observers.observe(
            EndedTurn(
                session: session.key,
                turn: id,
                outcome: outcome,
                trace: trace,
                commitRoundTrips: commitRoundTrips,
                wasCommitRepeated: wasCommitRepeated,
                crossingStarts: callStarts,
                head: head,
                viewBytes: rendering.byteCount
            )
        )
    }
}
