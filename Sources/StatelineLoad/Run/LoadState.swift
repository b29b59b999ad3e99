internal import NIOConcurrencyHelpers
internal import NIOCore
internal import Stateline
internal import Synchronization

/// What the tasks of a run share.
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
    private let start = NIOLockedValueBox<Duration?>(nil)
    private let end = NIOLockedValueBox<Duration?>(nil)
    /// A name that no other run has.
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
        self.boundary = metered.map { Boundary(store: target.cache(auditor.watching($0))) }
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

    /// Does what the baseline would for a step that has ended.
    func performBaseline(
        _ number: Int,
        _ conversation: any Conversation,
        _ worker: Worker,
        historyTokens: Int
    ) async throws {
        guard let cells = configuration.baseline else { return }
        let cost = try await WholeState(cells: cells).perform(baselineKey(number), state: conversation.state)
        worker.record { $0.baselineEnded(cost, historyTokens: historyTokens) }
    }

    private func baselineKey(_ number: Int) -> String { "load-\(name)-\(number)" }

    func began(at moment: Duration) {
        start.withLockedValue { $0 = moment }
    }

    /// The number of the next session that a closed loop holds.
    func nextSession() -> Int {
        sessionCount.wrappingAdd(1, ordering: .relaxed).oldValue
    }

    /// When the run would end, after it began, if nothing took time that is not planned.
    func planned(until moment: Duration) {
        end.withLockedValue { $0 = moment }
    }

    func sessionEnded() {
        endedCount.wrappingAdd(1, ordering: .relaxed)
    }

    func turnEnded() {
        turnCount.wrappingAdd(1, ordering: .relaxed)
    }

    var turns: Int { turnCount.load(ordering: .relaxed) }

    /// How far the run is.
    func progress(turns: Int, rate: Double) -> LoadProgress {
        let elapsed = start.withLockedValue { $0 }.map { max(.zero, Pacer.now - $0) } ?? .zero
        let end = end.withLockedValue { $0 } ?? configuration.shape.duration
        let left = end.map { max(.zero, $0 - elapsed) } ?? leftOfSessions(elapsed)
        return LoadProgress(turns: turns, rate: rate, elapsed: elapsed, left: left)
    }

    /// How long the sessions that a closed loop has still to hold take, if they take as long as the others did.
    private func leftOfSessions(_ elapsed: Duration) -> Duration? {
        let ended = endedCount.load(ordering: .relaxed)
        let left = max(0, configuration.shape.sessions - ended)
        return ended > 0 ? elapsed * (Double(left) / Double(ended)) : nil
    }

    /// Why a step failed, in words that do not name its session.
    static func reason(of error: any Error) -> String {
        switch error {
        case SessionError.store(let error): error.description
        case SessionError.notCommitted(let failure):
            if case .stale = failure.reason { "the session moved on during the turn" } else { failure.description }
        case SessionError.regressed: "the store went back"
        case SessionError.gone(_, let absence): "a session is \(absence)"
        case SessionError.corruptLog: "a log is corrupt"
        case let error as SessionError: error.description
        default: String(describing: error)
        }
    }

    /// Audits, deletes what is to be, and adds up.
    func report(seconds: Double, isInterrupted: Bool) async -> LoadReport {
        var sum = Measurements()
        for worker in workers { sum.add(worker.measurements) }
        let counts = metered?.counts
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
        report.target = target.name
        report.seconds = seconds
        report.isInterrupted = isInterrupted
        report.storeBytesWritten = counts?.written ?? 0
        report.storeBytesRead = counts?.read ?? 0
        report.storeRoundTrips = counts?.calls ?? 0
        report.audit = audit
        report.auditFailure = auditFailure
        return report
    }

    /// Deletes what the run left; what cannot be deleted stays.
    private func delete(_ keys: [SessionKey], from store: any SessionStore) async {
        for key in keys { _ = try? await store.delete(key, expecting: nil) }
        if let cells = configuration.baseline {
            try? await cells.delete((0..<configuration.shape.sessions).map { baselineKey($0) })
        }
    }
}
