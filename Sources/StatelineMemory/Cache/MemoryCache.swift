internal import LockFreeMap
public import Stateline

/// A cache of one store's sessions in this process: folded and rendered, so that a handle is opened and a turn begins
/// without reading the session's history.
///
/// ```swift
/// let cache = MemoryCache(byteLimit: 64 << 20, validation: .beforeCall)
/// let boundary = Boundary(store: store, cache: cache)
/// ```
///
/// A cache belongs to one store: two stores that shared one would show each other's sessions. The store may be wrapped,
/// such as to log what it is asked: the boundary is given both. Copies of a cache share what it holds.
///
/// All handles of the process share the cached snapshot of a session. Every write goes to the store, whose answer
/// decides; nothing is ever held back.
///
/// ## What is never served
///
/// No turn begins with a session that is older than a commit acknowledged in this process before it, or with one whose
/// deletion was acknowledged. This holds although a load that began earlier is answered later, and although the newer
/// snapshot was evicted in between. A session that is gone or has regressed is not kept. The commits of other *processes*
/// are seen as ``CacheValidation`` says; a commit on what they made old is stale, and brings what is missing into the
/// cache.
///
/// ## Round trips of a turn
///
/// | | to begin | to commit |
/// |---|---|---|
/// | the session is in the cache, `.optimistic` | 0 | 1 |
/// | validated: `.beforeCall`, or `.maxAge` after that time | 1 | 1 |
/// | the session is not in the cache | 1 | 1 |
///
/// The cache of a ``MemoryStore`` compares a session with the store at each opening and each turn, without a round trip,
/// whatever the validation.
///
/// A handle takes the cached session when it is opened; its first turn validates the session if the validation asks for
/// it, even if it was loaded for the handle.
///
/// Callers that need the same absent session at the same time wait for one load. Its round trip counts for the caller
/// that made it; if that one is cancelled, another one loads. With `.beforeCall` each makes its own, because a load that
/// began earlier proves nothing.
///
/// ## Memory
///
/// The bytes that a session counts for are an estimate: 1,280 with its key, twice its rendered bytes, and 256 for each
/// entry of its log. A session that was evicted is loaded again when it is needed.
///
/// - Complexity: a hit is a wait-free read of a lock-free map; a commit takes one lock of 64 twice, for O(1).
public struct MemoryCache: Sendable {
    /// The default bound: 256 MiB, or a quarter of the memory that the process may use if that is less.
    public static let defaultByteLimit = min(256 << 20, ProcessMemory.limit / 4)

    let sessions: CachedSessions
    /// The store of the sessions, if it is one whose positions can be read without a round trip.
    let compared: MemoryStore?

    /// Makes an empty cache.
    ///
    /// - Parameters:
    ///   - byteLimit: The maximum number of bytes that the sessions may take, about; above 0.
    ///   - validation: The condition under which the store is asked if a cached session is the newest.
    ///   - clock: The clock that ages are timed by; it is monotonic.
    public init(
        byteLimit: Int = MemoryCache.defaultByteLimit,
        validation: CacheValidation = .optimistic,
        clock: some Clock<Duration> = ContinuousClock()
    ) {
        self.init(CachedSessions(byteLimit: byteLimit, validation: validation, clock: clock), comparing: nil)
    }

    init(_ sessions: CachedSessions, comparing store: MemoryStore?) {
        self.sessions = sessions
        self.compared = store
    }

    /// About the most bytes that the sessions may take.
    public var byteLimit: Int { sessions.entries.capacity }
    /// The condition under which the store is asked if a cached session is the newest.
    public var validation: CacheValidation { sessions.validation }

    /// Returns the same cache, comparing its sessions with those of a store in this process.
    func comparing(_ store: MemoryStore) -> MemoryCache { MemoryCache(sessions, comparing: store) }
}

/// The contents of a ``MemoryCache``, and its evictions since it was made.
///
/// The figures are of slightly different moments while other tasks write. The outcomes of turns' lookups are in their
/// traces, and in the metric `stateline.cache.requests`.
public struct MemoryCacheStatistics: Hashable, Sendable {
    /// The sessions in the cache.
    public var sessions = 0
    /// The bytes that they count for.
    public var bytes = 0
    /// The sessions that left the cache to make room.
    public var evictions = 0
    /// The bytes that those counted for.
    public var evictedBytes = 0

    /// Makes statistics of an empty cache.
    public init() {}
}

extension MemoryCache: MetricSource {
    /// The contents of the cache, and its evictions since it was made.
    ///
    /// - Complexity: O(1), about 600 loads.
    public var statistics: MemoryCacheStatistics {
        var statistics = MemoryCacheStatistics()
        statistics.sessions = sessions.entries.count
        statistics.bytes = sessions.entries.weight
        statistics.evictions = sessions.entries.statistics.evictions
        statistics.evictedBytes = sessions.entries.statistics.evictedWeight
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
