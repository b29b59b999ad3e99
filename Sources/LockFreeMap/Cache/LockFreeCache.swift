/// A map that holds a bounded number of bytes, for a bounded time: S3-FIFO eviction and deadlines on a
/// ``LockFreeMap``.
///
/// ```swift
/// let cache = LockFreeCache<ByteKey, Page>(capacity: 64 << 20, idle: .minutes(30))
/// let length = cache.withValue(ByteKey("front")) { $0.length }
/// ```
///
/// ## Reading
/// A read goes through the map alone. It counts itself in a byte of the entry, which is written at most three times
/// between two looks of the policy, and compares two deadlines with a cached tick: what is past its deadline is a miss
/// for every reader from that tick on, whoever removes it and when. No read takes a lock, waits, or touches a line that
/// other threads write, the byte and the idle deadline aside (which moves in steps of `idleStep`).
///
/// ## Weight
/// The caller says what a value weighs. What is in the cache never weighs more than ``capacity``: room is made before
/// an entry is published. ``weight`` counts entries on their way in as well, so that it can be greater by the largest
/// entry for each thread that inserts; at rest it is exact.
///
/// From 1/128 below the capacity on, a writer that adds weight tries to take the policy's token, and with it evicts down
/// to 1/64 below; while another thread has the token it goes on, up to the capacity. There it spins for about a
/// microsecond, because that thread's evictions make room for both. Where that thread was stopped it makes room itself,
/// without the policy: of some eight entries at a random place it evicts the one that was read least. Only where 512
/// such looks make no room, as where the values on their way in weigh more than the cache together, the *new* value is
/// given up: it counts as evicted at once, and its event says so.
///
/// One call evicts at most 64 entries beyond those that make room for what it brings itself, and looks at no more than
/// 512 for each 64.
///
/// ## Expiry
/// An entry has an idle deadline, which reads move, and an absolute one, which nothing moves. What is past them leaves
/// the memory when writers come by, and within about two seconds without traffic while ``run()`` runs.
///
/// ## Events
/// Each value that was in the cache leaves it once, and `onEvent` is told once: by the thread whose compare-and-swap
/// took the value out, after the fact, with the reason of that very operation. A value that was replaced or removed
/// after its deadline, but before anybody took it out, left as expired.
///
/// ## Not promised
/// A total order of events of different keys; that a value inserted is there at the next read; that exactly the
/// policy's choice is evicted while several threads write.
public final class LockFreeCache<Key: MapKey, Value: AnyObject & Sendable>: Sendable {
    /// What is told of each value that leaves the cache.
    public typealias EventHandler = @Sendable (Key, Value, RemovalCause) -> Void

    /// The most that the values weigh together, in bytes.
    public let capacity: Int
    /// Where evicting begins, if nobody else is at it.
    @usableFromInline let softLimit: Int
    /// Where evicting ends.
    @usableFromInline let lowLimit: Int
    /// The time without a read after which a value expires, in ticks; 0 where there is none.
    @usableFromInline let idleTicks: UInt64
    /// A read that would move the idle deadline by no more than this leaves it, in ticks.
    ///
    /// 1 s or 1/64 of the idle time, whichever is greater, but no more than 1/8 of it.
    @usableFromInline let idleStep: UInt64
    /// The time after which a value expires, in ticks; 0 where there is none.
    @usableFromInline let absoluteTicks: UInt64
    @usableFromInline let map: LockFreeMap<CacheEntry<Key, Value>>
    @usableFromInline let policy: CachePolicy
    @usableFromInline let counters: CacheCounters
    @usableFromInline let clock: CoarseClock
    @usableFromInline let onEvent: EventHandler?

    /// Makes an empty cache.
    ///
    /// - Parameters:
    ///   - capacity: The most that the values may weigh together, in bytes; above 0.
    ///   - idle: The time without a read after which a value expires; `nil`: none. It is kept to the tick of 10 ms for
    ///     a value that is not read; reads move the deadline in steps, so that a value may expire by one step early: by
    ///     1 s or 1/64 of this time, whichever is greater, but no more than 1/8 of it.
    ///   - absolute: The time after its insertion after which a value expires, to the tick; `nil`: none.
    ///   - parameters: The sizes of the policy's queues.
    ///   - clock: What tells the time; several caches can share one.
    ///   - domain: Decides when what left the cache is released.
    ///   - onEvent: What is told of each value that leaves the cache, on the thread that took it out. It may use the
    ///     cache; it should be quick.
    public init(
        capacity: Int,
        idle: Duration? = nil,
        absolute: Duration? = nil,
        parameters: CachePolicyParameters = CachePolicyParameters(),
        clock: CoarseClock = CoarseClock(),
        domain: EpochDomain = .shared,
        onEvent: EventHandler? = nil
    ) {
        precondition(capacity > 0, "a cache holds something")
        self.capacity = capacity
        softLimit = capacity - capacity / 128
        lowLimit = capacity - capacity / 64
        idleTicks = idle.map { Swift.max(1, CoarseClock.ticks(in: $0)) } ?? 0
        absoluteTicks = absolute.map { Swift.max(1, CoarseClock.ticks(in: $0)) } ?? 0
        idleStep = Swift.min(Swift.max(100, idleTicks / 64), idleTicks / 8)
        self.clock = clock
        map = LockFreeMap(domain: domain)
        counters = CacheCounters(domain: domain)
        self.onEvent = onEvent
        policy = CachePolicy(capacity: capacity, parameters: parameters, tick: clock.tick)
    }

    /// How many values there are, expired ones that nobody took out yet included; exact when nobody writes.
    public var count: Int { map.count }

    /// What the values weigh together, in bytes; exact when nobody writes.
    ///
    /// While others write, it counts what is on its way in as well, and never less than what is there: at most
    /// ``capacity`` and the largest entry for each thread that inserts.
    public var weight: Int { counters.weight }

    /// What the cache did since it was made.
    ///
    /// - Complexity: O(1), about 600 loads.
    public var statistics: CacheStatistics { counters.statistics }

    /// Whether values expire at all.
    @inlinable @inline(__always)
    var expires: Bool { idleTicks | absoluteTicks != 0 }

    /// The present tick; 0 where nothing expires.
    @inlinable @inline(__always)
    var tick: UInt64 { expires ? clock.tick : 0 }
}
