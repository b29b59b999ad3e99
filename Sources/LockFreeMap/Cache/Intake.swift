internal import Synchronization

/// Residences that the holder of the policy's token has to look at, in the order in which they came.
///
/// A stack with one word for a head (R. K. Treiber, *Systems Programming: Coping with Parallelism*, 1986); whoever
/// drains it takes all of it at once, so that no node can come back under a thread that pops. A push is lock-free,
/// a drain wait-free but for the length of what it takes.
@safe
struct Intake: ~Copyable {
    private let head = unsafe Atomic<Unmanaged<PolicyNode>?>(nil)

    init() {}

    deinit {
        var rest = unsafe head.load(ordering: .acquiring)
        while let taken = unsafe rest {
            // Safety: each residence in the stack was retained by its push, and nobody else drains what is destroyed.
            let node = unsafe taken.takeRetainedValue()
            unsafe rest = node.next
        }
    }

    /// Puts a residence in, unless it is in already.
    func push(_ node: PolicyNode) {
        guard !node.isPending.exchange(true, ordering: .acquiringAndReleasing) else { return }
        // Safety: the drain releases what is retained here; until then the object lives.
        let retained = unsafe Unmanaged.passRetained(node)
        var expected = unsafe head.load(ordering: .relaxed)
        while true {
            unsafe node.next = expected
            let (exchanged, original) = unsafe head.weakCompareExchange(
                expected: expected,
                desired: retained,
                successOrdering: .releasing,
                failureOrdering: .relaxed
            )
            if exchanged { return }
            unsafe expected = original
        }
    }

    /// Takes all residences out and gives them to a closure, the one that came first before the others.
    ///
    /// From the moment on at which the closure gets a residence it may be pushed again: what the closure then reads of
    /// the map is at least as new as what any earlier push announced.
    ///
    /// - Complexity: O(*n*).
    func drain(_ body: (PolicyNode) -> Void) {
        var rest = unsafe head.exchange(nil, ordering: .acquiring)
        var first: Unmanaged<PolicyNode>?
        // Safety: the nodes are retained, and linked by their pushes, which the exchange above acquired; between the
        // exchange and the end of `isPending` they are this thread's alone.
        while let retained = unsafe rest {
            let node = unsafe retained.takeUnretainedValue()
            unsafe rest = node.next
            unsafe node.next = first
            unsafe first = retained
        }
        while let retained = unsafe first {
            let node = unsafe retained.takeRetainedValue()
            unsafe first = node.next
            _ = node.isPending.exchange(false, ordering: .acquiringAndReleasing)
            body(node)
        }
    }
}
