internal import NIOCore
internal import Stateline

/// A run of a workload against a target.
///
/// ```swift
/// let parameters = Workload.Parameters(sessions: 100, rate: 10, speed: 100)
/// let target = LoadTarget(MemoryStore(), name: "memory")
/// let report = try await LoadRun(.chat, against: target, LoadConfiguration(parameters)).run()
/// print(report.intended.quantile(0.99), report.isVoid, try report.json)
/// ```
///
/// The loop is open: arrivals are drawn before the run, and a turn is due a pause after the end of the previous one,
/// however long that took. Latency counts from the moment at which a turn is due, so a stalled target shows.
public struct LoadRun: Sendable {
    /// The workload.
    public let workload: Workload
    let target: LoadTarget
    let configuration: LoadConfiguration

    /// Prepares a run.
    public init(_ workload: Workload, against target: LoadTarget, _ configuration: LoadConfiguration) {
        self.workload = workload
        self.target = target
        self.configuration = configuration
    }

    private enum Event {
        case ended
        case stopped
        case told
    }

    /// Runs the workload, audits the store, and reports.
    ///
    /// - Parameters:
    ///   - stop: Ends the run early if it yields; the report covers the part until then.
    ///   - progress: Called once a second.
    /// - Returns: The report.
    /// - Throws: `CancellationError` if the task is cancelled. All other failures are in the report.
    public func run(
        until stop: AsyncStream<Void> = AsyncStream { _ in },
        progress: @escaping @Sendable (LoadProgress) -> Void = { _ in }
    ) async throws -> LoadReport {
        let state = LoadState(workload, target, configuration)
        let (took, isInterrupted) = try await AwakeProcessors.whileAwake(configuration.keepsAwake) {
            try await Pacer.withPacer { pacer in await timed(state, pacer, stop, progress) }
        }
        try Task.checkCancellation()
        return await state.report(seconds: max(0, took.inSeconds), isInterrupted: isInterrupted)
    }

    /// Runs the workload.
    ///
    /// - Returns: The time that it took, and `true` if it was stopped.
    private func timed(
        _ state: LoadState,
        _ pacer: Pacer,
        _ stop: AsyncStream<Void>,
        _ progress: @escaping @Sendable (LoadProgress) -> Void
    ) async -> (took: Duration, isInterrupted: Bool) {
        let entry = Pacer.now
        var isInterrupted = false
        await withTaskGroup(of: Event.self) { group in
            group.addTask {
                await drive(state, pacer)
                return .ended
            }
            group.addTask {
                for await _ in stop { return .stopped }
                // The end of the stream does not stop the run; only an element does.
                return .told
            }
            group.addTask {
                await tell(state, progress)
                return .told
            }
            while let event = await group.next() {
                if event == .stopped { isInterrupted = true }
                if event != .told { group.cancelAll() }
            }
        }
        // The setup is not part of the run.
        return (Pacer.now - (state.beginning ?? entry), isInterrupted)
    }

    private func drive(_ state: LoadState, _ pacer: Pacer) async {
        if let live = configuration.live { return await driveLive(live, state, pacer) }
        state.prepared()
        if configuration.isClosed { return await driveClosed(state, pacer) }
        let arrivals = workload.arrivals(in: configuration.parameters)
        state.planned(until: plannedEnd(arrivals))
        // Time to make the first tasks, so that the first turns are not late.
        let start = Pacer.now + .milliseconds(50)
        state.began(at: start)
        await withDiscardingTaskGroup { group in
            for (number, arrival) in arrivals.enumerated() {
                // Tasks are made a second ahead, for 250 ms at a time, so that there are few more tasks than live
                // sessions.
                let ahead = start + arrival - .seconds(1)
                if Pacer.now < ahead, (try? await pacer.wait(until: ahead + .milliseconds(250))) == nil { return }
                group.addTask {
                    await hold(session(number, state, arriving: start + arrival), state, pacer, since: start)
                }
            }
        }
    }

    private func driveClosed(_ state: LoadState, _ pacer: Pacer) async {
        let parameters = configuration.parameters
        let start = Pacer.now
        state.began(at: start)
        await withDiscardingTaskGroup { group in
            for _ in 0..<configuration.workers {
                group.addTask {
                    while !Task.isCancelled {
                        let number = state.nextSession()
                        if let duration = parameters.duration {
                            if Pacer.now >= start + duration { return }
                        } else if number >= parameters.sessions {
                            return
                        }
                        await hold(session(number, state, arriving: Pacer.now), state, pacer, since: start)
                    }
                }
            }
        }
    }

    private func session(_ number: Int, _ state: LoadState, arriving arrival: Duration) -> HeldSession {
        HeldSession(
            number: number,
            turns: workload.turns(of: number, in: configuration.parameters)[...],
            conversation: state.conversation(number),
            arrival: arrival
        )
    }

    /// Runs a session.
    ///
    /// - Returns: The time at which it ended; `nil` if the run ended before.
    @discardableResult
    func hold(_ session: HeldSession, _ state: LoadState, _ pacer: Pacer, since start: Duration) async -> Duration? {
        let parameters = configuration.parameters
        let worker = state.workers[session.number % state.workers.count]
        var conversation = session.conversation
        defer { if configuration.deletes { worker.record { $0.keys += conversation.keys } } }
        var ended = session.arrival
        var isCut = false
        var (sent, new) = (0, 0)
        for var turn in session.turns {
            let due = configuration.isClosed ? Pacer.now : due(turn, after: ended, since: start)
            if let duration = parameters.duration, due >= start + duration {
                isCut = true
                break
            }
            var lateness = Duration.zero
            if !configuration.isClosed {
                guard let late = try? await pacer.wait(until: due) else { return nil }
                // If the previous turn delayed this one, only the delay after its end is the generator's.
                lateness = due < ended ? .zero : late
            }
            turn.modelTime = configuration.modelTime(of: turn)
            let began = Pacer.now
            do {
                let cost = try await conversation.perform(turn)
                ended = Pacer.now
                let isWarm = due >= start + configuration.warmUp
                worker.record {
                    $0.ended(cost, due: due, began: began, ended: ended, lateness: lateness, isWarm: isWarm)
                }
                state.turnEnded()
                (sent, new) = (sent + cost.traffic.sentTokens, new + cost.traffic.newTokens)
                await state.performBaselines(session.number, conversation, cost, worker)
            } catch {
                if Task.isCancelled { return nil }
                worker.record { $0.failed(LoadState.reason(of: error)) }
            }
            ended = Pacer.now
        }
        worker.record { $0.sessionEnded(sentTokens: sent, newTokens: new) }
        state.auditedEnd(of: conversation.keys)
        if isCut { return nil }
        state.sessionEnded()
        return ended
    }

    /// Estimates the end of the last session from the model's planned times.
    private func plannedEnd(_ arrivals: [Duration]) -> Duration {
        let parameters = configuration.parameters
        if let duration = parameters.duration { return duration }
        return arrivals.enumerated()
            .reduce(.zero) { end, session in
                let last = workload.turns(of: session.offset, in: parameters)
                    .reduce(session.element) { ended, turn in
                        var turn = turn
                        turn.modelTime = configuration.modelTime(of: turn)
                        return due(turn, after: ended, since: .zero) + turn.modelTime
                    }
                return max(end, last)
            }
    }

    private func due(_ turn: PlannedTurn, after ended: Duration, since start: Duration) -> Duration {
        switch turn.start {
        case .after(let pause): ended + pause / configuration.parameters.speed
        case .at(let time): start + time / configuration.parameters.speed
        }
    }

    /// Reports the progress once a second.
    private func tell(_ state: LoadState, _ progress: @Sendable (LoadProgress) -> Void) async {
        var before = 0
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            let turns = state.turns
            progress(state.progress(turns: turns, rate: Double(turns - before)))
            before = turns
        }
    }
}

/// A session to run.
struct HeldSession: Sendable {
    /// The session's number, unique in the run.
    let number: Int
    /// The turns left.
    let turns: ArraySlice<PlannedTurn>
    /// The conversation so far.
    let conversation: any Conversation
    /// The arrival; the first turn begins a pause later.
    let arrival: Duration
}
