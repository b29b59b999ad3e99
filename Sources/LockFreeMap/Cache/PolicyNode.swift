internal import Synchronization

/// What the policy and the timer wheel know of a key in the cache, from its insertion until its removal, over all the
/// values that it has in between.
///
/// A residence is alive as long as the map's entry of its key names it. Whoever inserts, removes or reweighs an entry
/// hands its residence to the ``Intake``; the holder of the policy's token then looks at the map and does what is due.
///
/// `@unchecked Sendable`: `next` belongs to the thread whose exchange set `isPending`, until its push, and from the
/// drain on to the holder of the token, until it clears `isPending`. `place` and `appointment` belong to the holder of
/// the token. The rest is constant or atomic.
@usableFromInline
@safe
class PolicyNode: @unchecked Sendable {
    /// 32 bits of the key's hash: what the policy remembers an evicted key by.
    @usableFromInline let fingerprint: UInt32
    /// Whether the residence is in the intake.
    let isPending = Atomic(false)
    /// The weight that the policy counts for it.
    let countedWeight = Atomic(0)
    /// 1 in the main queue, else 0.
    let isInMain = Atomic<UInt8>(0)
    /// What was pushed to the intake before it.
    var next: Unmanaged<PolicyNode>?
    /// Where it stands in the policy's queues.
    var queueHandle: S3FIFO<PolicyNode>.Handle?
    /// Where it hangs in the timer wheel.
    var timer: TimerWheel<PolicyNode>.Timer?

    @usableFromInline
    init(fingerprint: UInt32) {
        self.fingerprint = fingerprint
    }

    /// How much better than in the small queue it stands: what a look without the token goes by.
    @usableFromInline var rank: UInt8 { isInMain.load(ordering: .relaxed) }
}
