internal import Synchronization

/// What a cache knows of its entries apart from their values: queues and timer wheel, with the token that lends them,
/// and the intake before them.
///
/// It is the same code for all keys and values, compiled once. Only ``announce(_:)``, ``take()`` and
/// ``isWorthAnnouncing(_:weight:)`` may be called at any time; the rest is for the holder of the token.
@usableFromInline
final class CachePolicy: Sendable {
    private struct State {
        var queues: S3FIFO<PolicyNode>
        var wheel: TimerWheel<PolicyNode>
        var candidate: S3FIFO<PolicyNode>.Candidate?
    }

    /// How many ticks one unit of the timer wheel has: a second.
    private static let ticksPerUnit: UInt64 = 100

    private let intake = Intake()
    /// Take its pointer out before it is followed (`let state = token.held`): what is changed through `token.held` in one
    /// expression is, for the thread sanitizer, a change of the token.
    private let token: PolicyToken<State>

    init(capacity: Int, parameters: CachePolicyParameters, tick: UInt64) {
        token = PolicyToken(
            State(
                queues: S3FIFO(capacity: capacity, parameters: parameters),
                wheel: TimerWheel(now: tick / Self.ticksPerUnit)
            )
        )
    }

    /// Says that a residence came, went, or changed its weight.
    ///
    /// Lock-free.
    @usableFromInline
    func announce(_ node: PolicyNode) {
        intake.push(node)
    }

    /// Whether a change of weight is more than an eighth of what the policy counts: less than that it may learn later.
    @usableFromInline
    func isWorthAnnouncing(_ node: PolicyNode, weight: Int) -> Bool {
        let counted = node.countedWeight.load(ordering: .relaxed)
        return abs(weight - counted) > counted / 8
    }

    /// Takes the token; whether it was free.
    ///
    /// Never waits.
    @usableFromInline
    func take() -> Bool { token.take() }

    /// Gives the token back.
    @usableFromInline
    func giveBack() { token.giveBack() }

    /// Gives what was announced to a closure, in order.
    @usableFromInline
    func drain(_ body: (PolicyNode) -> Void) { intake.drain(body) }

    /// Takes a residence in that is alive, or takes note of its weight.
    @usableFromInline
    func admit(_ node: PolicyNode, weight: Int, deadline: UInt64) {
        node.countedWeight.store(weight, ordering: .relaxed)
        // Safety: the caller has the token, here and below.
        let state = unsafe token.held
        if let handle = node.queueHandle {
            unsafe state.pointee.queues.reweigh(handle, weight: weight)
            return
        }
        node.queueHandle = unsafe state.pointee.queues.insert(
            node,
            weight: weight,
            fingerprint: node.fingerprint
        )
        let isInMain = unsafe state.pointee.queues.isInMain(node.queueHandle!)
        node.isInMain.store(isInMain ? 1 : 0, ordering: .relaxed)
        if deadline != .max {
            node.timer = unsafe state.pointee.wheel.schedule(node, at: Self.date(of: deadline))
        }
    }

    /// Drops a residence that is not alive.
    @usableFromInline
    func forget(_ node: PolicyNode) {
        let state = unsafe token.held
        if let handle = node.queueHandle { unsafe state.pointee.queues.remove(handle) }
        node.queueHandle = nil
        removeTimer(of: node)
    }

    /// The residence that the queues name for eviction; `nil` where there is none.
    @usableFromInline
    func nextCandidate() -> PolicyNode? {
        let state = unsafe token.held
        let candidate = unsafe state.pointee.queues.next()
        unsafe state.pointee.candidate = candidate
        return candidate?.resident
    }

    /// How many reads the candidate keeps after so many; `nil` where it has to go.
    @usableFromInline
    func keptFrequency(_ frequency: UInt8) -> UInt8? {
        let state = unsafe token.held
        switch unsafe state.pointee.queues.decision(on: state.pointee.candidate!, frequency: frequency) {
        case .evict: return nil
        case .keep(let kept): return kept
        }
    }

    /// Lets the candidate stay.
    @usableFromInline
    func keepCandidate() {
        let state = unsafe token.held
        let candidate = unsafe state.pointee.candidate!
        unsafe state.pointee.queues.keep(candidate)
        candidate.resident.isInMain.store(1, ordering: .relaxed)
    }

    /// Drops the candidate, after its eviction.
    @usableFromInline
    func evictCandidate() {
        let state = unsafe token.held
        let candidate = unsafe state.pointee.candidate!
        unsafe state.pointee.queues.evict(candidate)
        candidate.resident.queueHandle = nil
        removeTimer(of: candidate.resident)
    }

    /// Moves the timer wheel on.
    @usableFromInline
    func advance(to tick: UInt64) {
        let state = unsafe token.held
        unsafe state.pointee.wheel.advance(to: tick / Self.ticksPerUnit)
    }

    /// A residence that may have expired: forget it, or postpone it.
    @usableFromInline
    func nextDue() -> PolicyNode? {
        let state = unsafe token.held
        return unsafe state.pointee.wheel.next()?.item
    }

    /// Says when a residence that was named as due will be.
    @usableFromInline
    func postpone(_ node: PolicyNode, to deadline: UInt64) {
        guard let timer = node.timer else { return }
        let state = unsafe token.held
        unsafe state.pointee.wheel.reschedule(timer, at: Self.date(of: deadline))
    }

    private func removeTimer(of node: PolicyNode) {
        let state = unsafe token.held
        if let timer = node.timer { unsafe state.pointee.wheel.remove(timer) }
        node.timer = nil
    }

    /// The first date at which a deadline has passed.
    private static func date(of deadline: UInt64) -> UInt64 {
        deadline / ticksPerUnit + (deadline % ticksPerUnit == 0 ? 0 : 1)
    }
}

extension CachePolicy {
    /// How many residences stand in the queues; for tests, while nobody else uses the cache.
    var nodeCount: Int { unsafe token.held.pointee.queues.count }

    /// How many residences hang in the timer wheel; for tests, while nobody else uses the cache.
    var timerCount: Int { unsafe token.held.pointee.wheel.count }
}
