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
    /// The sessions that were made.
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
        turns += 1
        guard isWarm else { return }
        intended.record(ended - due)
        service.record(ended - began)
        self.lateness.record(lateness)
        overhead.record(cost.overhead)
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
