internal import LockFreeMap
public import Stateline
internal import Synchronization

/// The counters of a ``MemoryStore``.
struct StoreCounters: ~Copyable, Sendable {
    let expirations = Atomic(0)
    let deletions = Atomic(0)
    let forgottenForRoom = Atomic(0)
    let refusals = Atomic(0)
    let stalls = Atomic(0)
}

/// The contents of a ``MemoryStore``, and its events since it was made.
///
/// The figures are of slightly different moments while other tasks write; at rest they are exact.
public struct MemoryStoreStatistics: Hashable, Sendable {
    /// The bytes that sessions and marks count for.
    public var bytes = 0
    /// The maximum number of bytes that they may count for; `nil` for no bound.
    public var byteLimit: Int?
    /// The keys that the store knows: of sessions and of marks.
    public var keys = 0
    /// The marks of sessions that are gone and remembered.
    public var marks = 0
    /// The bytes that marks count for.
    public var markBytes = 0
    /// The bytes that were removed from maps of this process and are not freed yet, because a thread may still read them.
    public var limboBytes = 0
    /// The sessions that were removed because their lifetime had ended.
    public var expirations = 0
    /// The sessions that were deleted.
    public var deletions = 0
    /// The marks that were dropped before their retention had ended, to make room.
    public var forgottenForRoom = 0
    /// The writes that were refused because the store was at its bound.
    public var refusals = 0
    /// The writes that were refused because a stopped thread kept removed memory from being freed.
    public var stalls = 0

    /// Makes statistics of an empty store.
    public init() {}
}

extension MemoryStore {
    /// The contents of the store, and its events since it was made.
    ///
    /// - Complexity: O(1), some hundred loads and a short lock.
    public var statistics: MemoryStoreStatistics {
        var statistics = MemoryStoreStatistics()
        statistics.bytes = byteCount
        statistics.byteLimit = byteLimit
        statistics.keys = keyCount
        statistics.marks = marks.count
        statistics.markBytes = markedBytes.load(ordering: .relaxed)
        statistics.limboBytes = map.domain.limboBytes
        statistics.expirations = counters.expirations.load(ordering: .relaxed)
        statistics.deletions = counters.deletions.load(ordering: .relaxed)
        statistics.forgottenForRoom = counters.forgottenForRoom.load(ordering: .relaxed)
        statistics.refusals = counters.refusals.load(ordering: .relaxed)
        statistics.stalls = counters.stalls.load(ordering: .relaxed)
        return statistics
    }
}

extension MemoryStore: MetricSource {
    /// The figures of ``statistics``, under the names of their metrics.
    public var metricValues: [MetricValue] {
        let statistics = statistics
        let live = statistics.keys - statistics.marks
        var metricValues = [
            MetricValue("stateline.store.memory.bytes", .gauge, statistics.bytes),
            MetricValue("stateline.store.keys", .gauge, live, ["state": "live"]),
            MetricValue("stateline.store.keys", .gauge, statistics.marks, ["state": "gone"]),
            MetricValue("stateline.store.limbo.bytes", .gauge, statistics.limboBytes),
            MetricValue("stateline.store.removed", .counter, statistics.expirations, ["reason": "expired"]),
            MetricValue("stateline.store.removed", .counter, statistics.deletions, ["reason": "deleted"]),
            MetricValue("stateline.store.removed", .counter, statistics.forgottenForRoom, ["reason": "room"]),
            MetricValue("stateline.store.refused", .counter, statistics.refusals, ["reason": "full"]),
            MetricValue("stateline.store.refused", .counter, statistics.stalls, ["reason": "stalled"]),
        ]
        if let byteLimit { metricValues.append(MetricValue("stateline.store.memory.limit", .gauge, byteLimit)) }
        return metricValues
    }
}
