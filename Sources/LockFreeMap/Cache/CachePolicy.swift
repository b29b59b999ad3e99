internal import Synchronization

/// The eviction and expiry policy of a cache: queues and a timer wheel behind a token, and an intake in front of them.
///
/// It is the same code for all keys and values, compiled once. ``announce(_:)``, ``take()`` and
/// ``isWorthAnnouncing(_:weight:)`` may be called at any time; the other members are for the holder of the token.
@usableFromInline
final class CachePolicy: Sendable {
    private struct State {
        var queues: S3FIFO<PolicyNode>
        var wheel: TimerWheel<PolicyNode>
        var candidate: S3FIFO<PolicyNode>.Candidate?
    }

    /// The number of ticks in one unit of the timer wheel: a second.
    private static let ticksPerUnit: UInt64 = 100

    private let intake = Intake()
    // Read its pointer before it is followed (`let state = token.held`): for the thread sanitizer a change through
    // `token.held` in one expression is a change of the token.
    private let token: PolicyToken<State>

    init(capacity: Int, parameters: CachePolicyParameters, tick: UInt64) {
        token = PolicyToken(
            State(
                queues: S3FIFO(capacity: capacity, parameters: parameters),
                wheel: TimerWheel(now: tick / Self.ticksPerUnit)
            )
        )
    }

    /// Announces that a node came, went, or changed its weight.
    ///
    /// Lock-free.
    @usableFromInline
    func announce(_ node: PolicyNode) {
        intake.push(node)
    }

    /// Returns `true` if a change of weight is more than an eighth of the weight that the policy counts.
    ///
    /// The policy may learn of a smaller change later.
    @usableFromInline
    func isWorthAnnouncing(_ node: PolicyNode, weight: Int) -> Bool {
        let counted = node.countedWeight.load(ordering: .relaxed)
        return abs(weight - counted) > counted / 8
    }

    /// Takes the token, without waiting; returns `false` if another thread has it.
    @usableFromInline
    func take() -> Bool { token.take() }

    /// Gives the token back.
    @usableFromInline
    func giveBack() { token.giveBack() }

    /// Passes the announced nodes to a closure, in order.
    @usableFromInline
    func drain(_ body: (PolicyNode) -> Void) { intake.drain(body) }

    /// Adds a live node to the queues, or updates its weight.
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

    /// Drops a dead node.
    @usableFromInline
    func forget(_ node: PolicyNode) {
        let state = unsafe token.held
        if let handle = node.queueHandle { unsafe state.pointee.queues.remove(handle) }
        node.queueHandle = nil
        removeTimer(of: node)
    }

    /// Returns the next candidate for eviction; `nil` if the queues are empty.
    @usableFromInline
    func nextCandidate() -> PolicyNode? {
        let state = unsafe token.held
        let candidate = unsafe state.pointee.queues.next()
        unsafe state.pointee.candidate = candidate
        return candidate?.resident
    }

    /// Decides on the candidate by the number of its reads.
    ///
    /// - Parameter frequency: The number of reads since the policy's last visit.
    /// - Returns: The number of reads that it keeps; `nil` if it has to be evicted.
    @usableFromInline
    func keptFrequency(_ frequency: UInt8) -> UInt8? {
        let state = unsafe token.held
        switch unsafe state.pointee.queues.decision(on: state.pointee.candidate!, frequency: frequency) {
        case .evict: return nil
        case .keep(let kept): return kept
        }
    }

    /// Keeps the candidate.
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

    /// Advances the timer wheel.
    @usableFromInline
    func advance(to tick: UInt64) {
        let state = unsafe token.held
        unsafe state.pointee.wheel.advance(to: tick / Self.ticksPerUnit)
    }

    /// Returns a node that may have expired; the caller forgets or postpones it.
    @usableFromInline
    func nextDue() -> PolicyNode? {
        let state = unsafe token.held
        return unsafe state.pointee.wheel.next()?.item
    }

    /// Sets a new deadline for a node that was returned as due.
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

    /// Returns the first date of the wheel at which a deadline has passed.
    private static func date(of deadline: UInt64) -> UInt64 {
        deadline / ticksPerUnit + (deadline % ticksPerUnit == 0 ? 0 : 1)
    }
}

extension CachePolicy {
    /// The number of nodes in the queues; for tests, while no other thread uses the cache.
    var nodeCount: Int { unsafe token.held.pointee.queues.count }

    /// The number of timers in the wheel; for tests, while no other thread uses the cache.
    var timerCount: Int { unsafe token.held.pointee.wheel.count }
}
