internal import NIOConcurrencyHelpers
internal import Stateline

/// What one worker measured; those of all workers are added up at the end.
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
    /// What turns cost, by how long their histories were.
    var history = HistoryProfile()
    /// How much more than what was new sessions sent.
    var amplifications = AmplificationCounts()
    /// The sessions that were made, where they are to be deleted.
    var keys: [SessionKey] = []

    /// A turn ended well.
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

    /// A baseline did its part of a turn.
    mutating func add(_ cost: LoadReport.Baseline) {
        baselines[cost.kind]? += cost
    }

    /// A session was held to its end, or to the run's.
    mutating func sessionEnded(sentTokens: Int, newTokens: Int) {
        sessions += 1
        amplifications.add(sentTokens: sentTokens, newTokens: newTokens)
    }

    /// Adds another worker's.
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
        // A store that words each failure otherwise would fill the memory.
        if reasons.count < 20 || reasons[reason] != nil { reasons[reason, default: 0] += 1 }
    }
}

/// A worker's measurements, and who may add to them: the sessions that are its own.
final class Worker: Sendable {
    private let box = NIOLockedValueBox(Measurements())

    func record(_ body: (inout Measurements) -> Void) {
        box.withLockedValue(body)
    }

    var measurements: Measurements { box.withLockedValue { $0 } }
}
