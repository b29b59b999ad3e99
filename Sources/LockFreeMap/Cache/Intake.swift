internal import Synchronization

/// Policy nodes that the holder of the policy's token has to visit, in the order of their pushes.
///
/// A stack with one word for a head (R. K. Treiber, *Systems Programming: Coping with Parallelism*, 1986). A drain
/// takes all nodes at once, so that no node can come back under a thread that pops. A push is lock-free; a drain is
/// wait-free, and takes time in the number of nodes.
@safe
struct Intake: ~Copyable {
    private let head = unsafe Atomic<Unmanaged<PolicyNode>?>(nil)

    init() {}

    deinit {
        var rest = unsafe head.load(ordering: .acquiring)
        while let taken = unsafe rest {
            // Safety: each node in the stack was retained by its push, and no other thread has a stack that is
            // destroyed.
            let node = unsafe taken.takeRetainedValue()
            unsafe rest = node.next
        }
    }

    /// Pushes a node, unless it is in the stack.
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

    /// Removes all nodes and passes them to a closure, in the order of their pushes.
    ///
    /// A node may be pushed again once the closure gets it. So what the closure then reads of the map is at least as
    /// new as what any earlier push announced.
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
