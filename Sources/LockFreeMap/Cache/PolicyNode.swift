internal import Synchronization

/// The policy's record of a key in the cache, from its insertion until its removal, for all values that it has
/// meanwhile.
///
/// A node is alive as long as the map's entry of its key references it. A thread that inserts, removes or reweighs an
/// entry pushes the node to the ``Intake``. The holder of the policy's token then looks at the map and updates queues
/// and wheel.
///
/// `@unchecked Sendable`: `next` belongs to the thread whose exchange set `isPending`, until its push, and from the
/// drain on to the holder of the token, until it clears `isPending`. `queueHandle` and `timer` belong to the holder of
/// the token. The rest is constant or atomic.
@usableFromInline
@safe
class PolicyNode: @unchecked Sendable {
    /// 32 bits of the key's hash, by which the policy remembers an evicted key.
    @usableFromInline let fingerprint: UInt32
    /// `true` while the node is in the intake.
    let isPending = Atomic(false)
    /// The weight that the policy counts for the node.
    let countedWeight = Atomic(0)
    /// 1 in the main queue, else 0.
    let isInMain = Atomic<UInt8>(0)
    /// The node that was pushed to the intake before it.
    var next: Unmanaged<PolicyNode>?
    /// The handle of its entry in the policy's queues.
    var queueHandle: S3FIFO<PolicyNode>.Handle?
    /// Its timer in the wheel.
    var timer: TimerWheel<PolicyNode>.Timer?

    @usableFromInline
    init(fingerprint: UInt32) {
        self.fingerprint = fingerprint
    }

    /// Its rank for an eviction without the token: 1 in the main queue, 0 in the small one.
    @usableFromInline var rank: UInt8 { isInMain.load(ordering: .relaxed) }
}
