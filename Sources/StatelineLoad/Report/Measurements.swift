internal import NIOConcurrencyHelpers
internal import Stateline

/// What one worker measured; those of all workers are added up at the end.
struct Measurements: Sendable {
    var intended = Latencies()
    var service = Latencies()
    var lateness = Latencies()
    var overhead = Latencies()
    var cost = StepCost()
    var turns = 0
    var sessions = 0
    var errors = 0
    /// How often steps failed for each reason.
    var reasons: [String: Int] = [:]
    var baseline = BaselineCost()
    var raw = BaselineCost()
    var resend = BaselineCost()
    /// What turns cost, by how long their histories were.
    var history = HistoryProfile()
    /// How much more than what was new sessions sent.
    var amplifications = AmplificationCounts()
    /// The sessions that were made, where they are to be deleted.
    var keys: [SessionKey] = []

    /// A step has ended well.
    mutating func ended(
        _ cost: StepCost,
        due: Duration,
        began: Duration,
        ended: Duration,
        lateness: Duration,
        isWarm: Bool = true
    ) {
        self.cost += cost
        history.add(cost)
        turns += 1
        guard isWarm else { return }
        intended.record(ended - due)
        service.record(ended - began)
        self.lateness.record(lateness)
        overhead.record(cost.overhead)
    }

    /// A baseline has done its part of a step.
    mutating func baselineEnded(_ cost: BaselineCost, historyTokens: Int) {
        baseline.add(cost)
        history.add(cost, historyTokens: historyTokens)
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
        cost += other.cost
        turns += other.turns
        sessions += other.sessions
        errors += other.errors
        reasons.merge(other.reasons) { $0 + $1 }
        baseline.add(other.baseline)
        raw.add(other.raw)
        resend.add(other.resend)
        history.add(other.history)
        amplifications.add(other.amplifications)
        keys += other.keys
    }

    /// Counts a step that failed.
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
