internal import NIOConcurrencyHelpers
internal import Stateline

/// The measurements of one worker, which are summed at the end.
struct Measurements: Sendable {
    var intended = Latencies()
    var service = Latencies()
    var lateness = Latencies()
    var overhead = Latencies()
    var traffic = LoadReport.Traffic()
    /// The time of all turns, and the part of it that is overhead.
    var total = Duration.zero
    var overheadTotal = Duration.zero
    var turns = 0
    var sessions = 0
    var errors = 0
    /// The number of failed turns for each reason.
    var reasons: [String: Int] = [:]
    var baselines: [LoadReport.Baseline.Kind: LoadReport.Baseline] = Dictionary(
        uniqueKeysWithValues: LoadReport.Baseline.Kind.allCases.map { ($0, LoadReport.Baseline($0)) }
    )
    /// The cost of turns by the length of their histories.
    var history = HistoryProfile()
    /// The number of sessions by replay amplification.
    var amplifications = AmplificationCounts()
    /// The sessions to delete.
    var keys: [SessionKey] = []

    /// Adds a turn that ended well.
    mutating func ended(
        _ cost: TurnCost,
        due: Duration,
        began: Duration,
        ended: Duration,
        lateness: Duration,
        isWarm: Bool = true
    ) {
        traffic += cost.traffic
        total += cost.total
        overheadTotal += cost.overhead
        history.add(cost)
        turns += 1
        guard isWarm else { return }
        intended.record(ended - due)
        service.record(ended - began)
        self.lateness.record(lateness)
        overhead.record(cost.overhead)
    }

    /// Adds the cost of a baseline for a turn.
    mutating func add(_ cost: LoadReport.Baseline) {
        baselines[cost.kind]? += cost
    }

    /// Adds a session that ended, or lasted to the end of the run.
    mutating func sessionEnded(sentTokens: Int, newTokens: Int) {
        sessions += 1
        amplifications.add(sentTokens: sentTokens, newTokens: newTokens)
    }

    /// Adds the measurements of another worker.
    mutating func add(_ other: Measurements) {
        intended.add(other.intended)
        service.add(other.service)
        lateness.add(other.lateness)
        overhead.add(other.overhead)
        traffic += other.traffic
        total += other.total
        overheadTotal += other.overheadTotal
        turns += other.turns
        sessions += other.sessions
        errors += other.errors
        reasons.merge(other.reasons) { $0 + $1 }
        for baseline in other.baselines.values { add(baseline) }
        history.add(other.history)
        amplifications.add(other.amplifications)
        keys += other.keys
    }

    /// Counts a turn that failed.
    mutating func failed(_ reason: String) {
        errors += 1
        // A store that words each failure differently must not fill the memory.
        if reasons.count < 20 || reasons[reason] != nil { reasons[reason, default: 0] += 1 }
    }
}

/// The measurements of the sessions of one worker.
final class Worker: Sendable {
    private let box = NIOLockedValueBox(Measurements())

    func record(_ body: (inout Measurements) -> Void) {
        box.withLockedValue(body)
    }

    var measurements: Measurements { box.withLockedValue { $0 } }
}
