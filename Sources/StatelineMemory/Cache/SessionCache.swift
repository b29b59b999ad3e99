internal import LockFreeMap
internal import NIOConcurrencyHelpers
public import Stateline

/// The sessions of one store, kept in this process folded and rendered, so that a handle is opened and a turn begins
/// without reading the session's history.
///
/// ```swift
/// let boundary = Boundary(store: store, cache: SessionCache(byteLimit: 64 << 20, validation: .beforeCall))
/// ```
///
/// A cache belongs to one store: two stores that shared one would show each other's sessions. What it promises stands at
/// ``CachedStore``, which it is a part of.
///
/// ## Memory
///
/// The bytes that a session counts for are an estimate: 1,280 with its key, twice what is rendered of it, and 256 for each
/// entry of its log. What is evicted is loaded again when it is needed.
public final class SessionCache: Sendable {
    /// The default bound: 256 MiB, or a quarter of the memory that the process may use if that is less.
    public static let defaultByteLimit = min(256 << 20, ProcessMemory.limit / 4)

    /// About the most bytes that the sessions may take.
    public let byteLimit: Int
    /// When the store is asked whether what is here is the newest.
    public let validation: CacheValidation
    let entries: LockFreeCache<ByteKey, CachedSession>
    let now: @Sendable () -> Duration
    private let watches: [NIOLockedValueBox<Watch>]

    /// Makes an empty cache.
    ///
    /// - Parameters:
    ///   - byteLimit: About the most bytes that the sessions may take; above 0.
    ///   - validation: When to ask the store whether what is here is the newest.
    ///   - clock: The clock that ages are timed by; never goes back.
    public init(
        byteLimit: Int = SessionCache.defaultByteLimit,
        validation: CacheValidation = .optimistic,
        clock: some Clock<Duration> = ContinuousClock()
    ) {
        let origin = clock.now
        self.byteLimit = byteLimit
        self.validation = validation
        self.entries = LockFreeCache(capacity: byteLimit)
        self.now = { origin.duration(to: clock.now) }
        self.watches = (0..<64).map { _ in NIOLockedValueBox(Watch()) }
    }

    /// The lock of a key, and what is watched under it.
    func watch(_ key: ByteKey) -> NIOLockedValueBox<Watch> {
        watches[Int(truncatingIfNeeded: key.hash(.process) >> 58)]
    }
}

/// What a ``SessionCache`` holds, and what it evicted since it was made.
///
/// Read while others write, the figures are of slightly different moments. What became of the look-ups of turns is in
/// their traces, and in the metric `stateline.cache.requests`.
public struct SessionCacheStatistics: Hashable, Sendable {
    /// The sessions in the cache.
    public var sessions = 0
    /// The bytes that they count for.
    public var bytes = 0
    /// The sessions that left the cache to make room.
    public var evictions = 0
    /// The bytes that those counted for.
    public var evictedBytes = 0

    /// Makes statistics of nothing.
    public init() {}
}

extension SessionCache: MetricSource {
    /// What the cache holds, and what it evicted since it was made.
    ///
    /// - Complexity: O(1), about 600 loads.
    public var statistics: SessionCacheStatistics {
        var statistics = SessionCacheStatistics()
        statistics.sessions = entries.count
        statistics.bytes = entries.weight
        statistics.evictions = entries.statistics.evictions
        statistics.evictedBytes = entries.statistics.evictedWeight
        return statistics
    }

    /// The figures of ``statistics``, under the names of their metrics.
    public var metricValues: [MetricValue] {
        let statistics = statistics
        return [
            MetricValue("stateline.cache.bytes", .gauge, statistics.bytes),
            MetricValue("stateline.cache.entries", .gauge, statistics.sessions),
            MetricValue("stateline.cache.evictions", .counter, statistics.evictions, ["reason": "room"]),
        ]
    }
}
