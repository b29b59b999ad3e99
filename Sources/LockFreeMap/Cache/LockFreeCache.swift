/// A map that holds a bounded number of bytes, for a bounded time: S3-FIFO eviction and deadlines on a
/// ``LockFreeMap``.
///
/// ```swift
/// let cache = LockFreeCache<ByteKey, Page>(capacity: 64 << 20, idle: .minutes(30))
/// let length = cache.withValue(ByteKey("front")) { $0.length }
/// ```
///
/// ## Reading
/// A read uses the map alone. It counts itself in a byte of the entry, which is written at most three times between two
/// visits of the policy, and compares two deadlines with a cached tick. An entry past its deadline is a miss for every
/// reader from that tick on, whichever thread removes it and when. A read takes no lock and never waits. The only
/// shared memory that it writes is that byte and the idle deadline (which moves in steps of `idleStep`).
///
/// ## Weight
/// The caller gives the weight of a value. The entries in the cache never weigh more than ``capacity``: room is made
/// before an entry is published. ``weight`` also counts entries that are being inserted, so it can be greater by the
/// largest entry for each thread that inserts; at rest it is exact.
///
/// From 1/128 below the capacity on, a writer that adds weight tries to take the policy's token. With the token it
/// evicts down to 1/64 below the capacity. While another thread has the token, the writer continues up to the capacity.
/// There it spins for about a microsecond, because that thread's evictions make room for both. If that thread does not
/// run, the writer makes room itself, without the policy: of about eight entries at a random point of the map it evicts
/// the one that was read least. If 512 such attempts make no room (for example because the values that are being
/// inserted weigh more than the cache together), the *new* value is given up: it counts as evicted at once, and its
/// event says so.
///
/// One call evicts at most 64 entries beyond those that make room for its own value, and visits at most 512 for each
/// 64.
///
/// ## Expiry
/// An entry has an idle deadline, which reads move, and an absolute one, which never moves. Writers remove entries past
/// their deadlines. While ``run()`` runs they are removed within about two seconds, even without traffic.
///
/// ## Events
/// Each value leaves the cache once, and `onEvent` is called once: by the thread whose compare-and-swap took the value
/// out, after that, with the cause of that operation. A value that is replaced or removed after its deadline, but
/// before it was taken out, leaves as expired.
///
/// ## Not promised
/// - A total order of the events of different keys.
/// - That an inserted value is there at the next read.
/// - That exactly the policy's choice is evicted while several threads write.
public final class LockFreeCache<Key: MapKey, Value: AnyObject & Sendable>: Sendable {
    /// A function that is called for each value that leaves the cache.
    public typealias EventHandler = @Sendable (Key, Value, RemovalCause) -> Void

    /// The largest weight of all values together, in bytes.
    public let capacity: Int
    /// The weight above which a writer evicts, if no other thread does.
    @usableFromInline let softLimit: Int
    /// The weight down to which a writer evicts.
    @usableFromInline let lowLimit: Int
    /// The time without a read after which a value expires, in ticks; 0 if there is no such time.
    @usableFromInline let idleTicks: UInt64
    /// The minimum move of the idle deadline, in ticks; a read that would move it by less leaves it.
    ///
    /// 1 s or 1/64 of the idle time, whichever is greater, but at most 1/8 of it.
    @usableFromInline let idleStep: UInt64
    /// The time after which a value expires, in ticks; 0 if there is no such time.
    @usableFromInline let absoluteTicks: UInt64
    @usableFromInline let map: LockFreeMap<CacheEntry<Key, Value>>
    @usableFromInline let policy: CachePolicy
    @usableFromInline let counters: CacheCounters
    @usableFromInline let clock: CoarseClock
    @usableFromInline let onEvent: EventHandler?

    /// Makes an empty cache.
    ///
    /// - Parameters:
    ///   - capacity: The largest weight of all values together, in bytes; above 0.
    ///   - idle: The time without a read after which a value expires; `nil` for none. It is exact to the tick of 10 ms
    ///     for a value that is not read. Reads move the deadline in steps, so that a value may expire one step early: 1
    ///     s or 1/64 of this time, whichever is greater, but at most 1/8 of it.
    ///   - absolute: The time after its insertion after which a value expires, exact to the tick; `nil` for none.
    ///   - parameters: The sizes of the policy's queues.
    ///   - clock: The clock; several caches can share one.
    ///   - domain: The domain that releases the entries that left the cache.
    ///   - onEvent: A function that is called for each value that leaves the cache, on the thread that took it out. It
    ///     may use the cache; it should be quick.
    public init(
        capacity: Int,
        idle: Duration? = nil,
        absolute: Duration? = nil,
        parameters: CachePolicyParameters = CachePolicyParameters(),
        clock: CoarseClock = CoarseClock(),
        domain: EpochDomain = .shared,
        onEvent: EventHandler? = nil
    ) {
        precondition(capacity > 0, "the capacity of a cache must be above 0")
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

    /// The number of values, with expired ones that were not taken out yet; exact if no thread writes.
    public var count: Int { map.count }

    /// The weight of all values together, in bytes; exact if no thread writes.
    ///
    /// While threads write, it also counts values that are being inserted, and is never less than the weight of the
    /// values in the cache: at most ``capacity`` and the largest entry for each thread that inserts.
    public var weight: Int { counters.weight }

    /// The figures of the cache since it was made.
    ///
    /// - Complexity: O(1), about 600 loads.
    public var statistics: CacheStatistics { counters.statistics }

    /// `true` if values expire at all.
    @inlinable @inline(__always)
    var expires: Bool { idleTicks | absoluteTicks != 0 }

    /// The present tick; 0 if no value expires.
    @inlinable @inline(__always)
    var tick: UInt64 { expires ? clock.tick : 0 }
}
