internal import NIOConcurrencyHelpers
internal import NIOCore
internal import Stateline
internal import Synchronization

/// The state that the tasks of a run share.
final class LoadState: Sendable {
    private let workload: Workload
    private let target: LoadTarget
    private let configuration: LoadConfiguration
    private let auditor = AppendAuditor()
    private let metered: MeteredStore?
    private let boundary: Boundary?
    private let model: PlannedModel
    private let turnCount = Atomic<Int>(0)
    private let sessionCount = Atomic<Int>(0)
    private let endedCount = Atomic<Int>(0)
    private let watches: [Watch]
    private let live = NIOLockedValueBox((now: 0, least: 0))
    private let start = NIOLockedValueBox<Duration?>(nil)
    private let end = NIOLockedValueBox<Duration?>(nil)
    /// A random name of the run.
    private let name = String(UInt64.random(in: .min ... .max), radix: 36)
    let workers: [Worker]

    init(_ workload: Workload, _ target: LoadTarget, _ configuration: LoadConfiguration) {
        self.workload = workload
        self.target = target
        self.configuration = configuration
        self.workers = (0..<configuration.workers).map { _ in Worker() }
        self.model = PlannedModel(work: configuration.work)
        let metered = target.store.map { MeteredStore($0) }
        self.metered = metered
        let auditor = auditor
        let watches = configuration.observers.map { Watch($0) }
        self.watches = watches
        self.boundary = metered.map {
            Boundary(store: auditor.watching($0), cache: target.cache?(), observers: watches)
        }
    }

    /// Begins a session.
    func conversation(_ number: Int) -> any Conversation {
        guard let boundary else { return StatelessConversation(number: number, model: model) }
        return SessionConversation(
            boundary,
            SessionKey("\(name)-\(number)", tenant: "load"),
            number: number,
            model: model,
            reopens: workload.reopens
        )
    }

    /// Does the work of the baselines for a turn that ended.
    ///
    /// A failure there is no failure of the turn.
    func performBaselines(_ number: Int, _ conversation: any Conversation, _ turn: TurnCost, _ worker: Worker) async {
        if configuration.measures(.stateless) {
            var cost = LoadReport.Baseline(.stateless)
            cost.bytesWritten = turn.traffic.sentBytes
            cost.roundTrips = turn.traffic.calls
            worker.record { [cost] in $0.add(cost) }
        }
        if configuration.measuresRoundTrips, let store = target.store, let place = conversation.place {
            let cost = await measured(.raw) { () async throws -> LoadReport.Baseline in
                let start = Pacer.now
                // The store of record itself, neither metered nor audited.
                _ = try await store.load(place.key, after: place.position)
                var cost = LoadReport.Baseline(.raw)
                cost.times.record(Pacer.now - start)
                cost.roundTrips = 1
                return cost
            }
            worker.record { $0.add(cost) }
        }
        if let cells = configuration.baseline {
            let (key, state) = (baselineKey(number), conversation.state)
            let cost = await measured(.wholeState) { try await WholeState(cells: cells).perform(key, state: state) }
            worker.record {
                $0.add(cost)
                $0.history.add(cost, historyTokens: turn.historyTokens)
            }
        }
    }

    private func measured(
        _ kind: LoadReport.Baseline.Kind,
        _ body: () async throws -> LoadReport.Baseline
    ) async -> LoadReport.Baseline {
        do { return try await body() } catch {
            var cost = LoadReport.Baseline(kind)
            cost.errors = Task.isCancelled ? 0 : 1
            return cost
        }
    }

    private func baselineKey(_ number: Int) -> String { "load-\(name)-\(number)" }

    func began(at moment: Duration) {
        start.withLockedValue { $0 = moment }
        live.withLockedValue { $0.least = $0.now }
    }

    /// Ends the setup: resets the counters, so that the making of sessions is not measured.
    func prepared() {
        metered?.reset()
        for watch in watches { watch.isOpen.store(true, ordering: .releasing) }
    }

    /// Counts a live session; the minimum is taken from the beginning of the run.
    func sessionLives() {
        live.withLockedValue { $0.now += 1 }
    }

    /// Counts a session that is no longer live.
    func sessionDied() {
        live.withLockedValue { live in
            live.now -= 1
            live.least = min(live.least, live.now)
        }
    }

    /// The beginning of the run.
    var beginning: Duration? { start.withLockedValue { $0 } }

    /// Returns the number of the next session that a closed loop holds.
    func nextSession() -> Int {
        sessionCount.wrappingAdd(1, ordering: .relaxed).oldValue
    }

    /// Sets the planned end of the run.
    func planned(until moment: Duration) {
        end.withLockedValue { $0 = moment }
    }

    /// Tells the auditor that sessions ended, so that it can forget their batches.
    func auditedEnd(of keys: [SessionKey]) {
        for key in keys { auditor.ended(key) }
    }

    func sessionEnded() {
        endedCount.wrappingAdd(1, ordering: .relaxed)
    }

    func turnEnded() {
        turnCount.wrappingAdd(1, ordering: .relaxed)
    }

    var turns: Int { turnCount.load(ordering: .relaxed) }

    /// Describes the progress of the run.
    func progress(turns: Int, rate: Double) -> LoadProgress {
        let elapsed = start.withLockedValue { $0 }.map { max(.zero, Pacer.now - $0) } ?? .zero
        let end = end.withLockedValue { $0 } ?? configuration.parameters.duration
        let left = end.map { max(.zero, $0 - elapsed) } ?? leftOfSessions(elapsed)
        return LoadProgress(turns: turns, rate: rate, elapsed: elapsed, left: left)
    }

    /// Estimates the time of the remaining sessions of a closed loop from that of the ended ones.
    private func leftOfSessions(_ elapsed: Duration) -> Duration? {
        let ended = endedCount.load(ordering: .relaxed)
        let left = max(0, configuration.parameters.sessions - ended)
        return ended > 0 ? elapsed * (Double(left) / Double(ended)) : nil
    }

    /// Describes the failure of a turn without its session.
    static func reason(of error: any Error) -> String {
        switch error {
        case SessionError.store(let error): error.description
        case SessionError.notCommitted(let failure):
            if case .stale = failure.reason { "another writer committed during the turn" } else { failure.description }
        case SessionError.regressed: "the store lost acknowledged commits, or a session was created again"
        case SessionError.gone(_, let absence): "a session is \(absence)"
        case SessionError.corruptLog: "a log is corrupt"
        case let error as SessionError: error.description
        default: String(describing: error)
        }
    }

    /// Audits the store, deletes the run's sessions, and adds up the report.
    func report(seconds: Double, isInterrupted: Bool) async -> LoadReport {
        var sum = Measurements()
        for worker in workers { sum.add(worker.measurements) }
        let counts = metered?.counts
        let held = auditor.held
        var audit: AuditReport?
        var auditFailure: String?
        if let store = target.store {
            do throws(StoreError) { audit = try await auditor.report(reading: store) } catch {
                auditFailure = error.description
            }
            if configuration.deletes { await delete(sum.keys, from: store) }
        } else {
            audit = AuditReport()
        }
        var report = LoadReport(sum, workload: workload, configuration: configuration)
        report.store = target.name
        report.seconds = seconds
        report.isInterrupted = isInterrupted
        report.traffic.storeBytesWritten = counts?.written ?? 0
        report.traffic.storeBytesRead = counts?.read ?? 0
        report.traffic.storeRoundTrips = counts?.calls ?? 0
        report.audit = audit
        report.auditFailure = auditFailure
        report.heldBatches = held
        if configuration.live != nil { report.liveSessions = live.withLockedValue { $0.least } }
        return report
    }

    /// Deletes the run's sessions; those that cannot be deleted stay.
    private func delete(_ keys: [SessionKey], from store: any SessionStore) async {
        for key in keys { _ = try? await store.delete(key, expecting: nil) }
        if let cells = configuration.baseline {
            // An open loop numbers its sessions by arrival, the others by their beginning.
            let count = max(configuration.parameters.sessions, (configuration.live ?? 0) + nextSession())
            try? await cells.delete((0..<count).map { baselineKey($0) })
        }
    }
}

/// A filter that forwards the turns of a run to an observer, without those of the setup.
private final class Watch: TurnObserver {
    private let observer: any TurnObserver
    let isOpen = Atomic<Bool>(false)

    init(_ observer: any TurnObserver) {
        self.observer = observer
    }

    func turnBegan(_ turn: TurnID, of session: SessionKey, elapsed: Duration) -> (any TurnScope)? {
        guard isOpen.load(ordering: .acquiring) else { return nil }
        return observer.turnBegan(turn, of: session, elapsed: elapsed)
    }

    func turnEnded(_ turn: EndedTurn) {
        guard isOpen.load(ordering: .acquiring) else { return }
        observer.turnEnded(turn)
    }
}
