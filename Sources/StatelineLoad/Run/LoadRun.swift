internal import NIOCore
internal import Stateline

/// Runs a workload against a target, and measures it.
///
/// ```swift
/// let parameters = Workload.Parameters(sessions: 100, rate: 10, speed: 100)
/// let target = LoadTarget(MemoryStore(), name: "memory")
/// let report = try await LoadRun(.chat, against: target, LoadConfiguration(parameters)).run()
/// print(report.intended.quantile(0.99), report.isVoid, try report.json)
/// ```
///
/// The loop is open: when a session arrives was drawn before the run, and a turn begins a pause after the one before it,
/// however long that took. Latency counts from that moment, so that a target that stands still is seen to.
public struct LoadRun: Sendable {
    /// What is run.
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

    /// Runs the workload, audits what it left in the store, and reports.
    ///
    /// - Parameters:
    ///   - stop: Ends the run early, where it gives anything; the report is of what was done by then.
    ///   - progress: Called once a second.
    /// - Returns: The report.
    /// - Throws: `CancellationError` where the task is cancelled; nothing else: what fails is in the report.
    public func run(
        until stop: AsyncStream<Void> = AsyncStream { _ in },
        progress: @escaping @Sendable (LoadProgress) -> Void = { _ in }
    ) async throws -> LoadReport {
        let state = LoadState(workload, target, configuration)
        let (took, isInterrupted) = try await AwakeProcessors.whileAwake(configuration.keepsAwake) {
            try await Pacer.withPacer { pacer in await timed(state, pacer, stop, progress) }
        }
        try Task.checkCancellation()
        return await state.report(seconds: took.inSeconds, isInterrupted: isInterrupted)
    }

    /// Runs the workload.
    ///
    /// - Returns: How long it took, and whether it was told to stop.
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
                // A stream that ends has nothing to say: what is told is what ends the run.
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
        // What came before the beginning was no part of it.
        return (Pacer.now - (state.beginning ?? entry), isInterrupted)
    }

    private func drive(_ state: LoadState, _ pacer: Pacer) async {
        if let live = configuration.live { return await driveLive(live, state, pacer) }
        state.prepared()
        if configuration.isClosed { return await driveClosed(state, pacer) }
        let arrivals = workload.arrivals(in: configuration.parameters)
        state.planned(until: plannedEnd(arrivals))
        // A moment for the first tasks to be made in: what is due first is not late for that.
        let start = Pacer.now + .milliseconds(50)
        state.began(at: start)
        await withDiscardingTaskGroup { group in
            for (number, arrival) in arrivals.enumerated() {
                // Tasks are made a moment ahead, for a quarter of a second at a time, so that there are hardly more of
                // them than sessions that are held.
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

    /// Holds a session.
    ///
    /// - Returns: When it ended; `nil` where the run ended before.
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
                // Where the turn before is what held this one up, only what came after that is the generator's doing.
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

    /// When the last session ends, where nothing takes longer than its model does.
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

    /// Tells each second how far the run is.
    private func tell(_ state: LoadState, _ progress: @Sendable (LoadProgress) -> Void) async {
        var before = 0
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            let turns = state.turns
            progress(state.progress(turns: turns, rate: Double(turns - before)))
            before = turns
        }
    }
}

/// A session that is to be held.
struct HeldSession: Sendable {
    /// Which one: nobody else's.
    let number: Int
    /// What it does.
    let turns: ArraySlice<PlannedTurn>
    /// What it has done so far.
    let conversation: any Conversation
    /// When it arrives; its first turn begins a pause later.
    let arrival: Duration
}
