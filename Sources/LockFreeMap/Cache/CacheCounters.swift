public import Synchronization

/// The counters of a cache: a stripe for each thread, and the weight, which all writers share.
///
/// The weight is here, with padding around it, because all threads read the cache's own object and none should write
/// it.
@usableFromInline
final class CacheCounters: Sendable {
    /// A counted event.
    @usableFromInline
    enum Counter: Int, CaseIterable {
        case hits
        case misses
        case inserts
        case replacements
        case removals
        case evictions
        case evictedWeight
        case expirations
        case announcements
    }

    @usableFromInline let stripes = Stripes(owners: 63, width: 16)
    /// The domain whose records give a thread its stripe.
    @usableFromInline let domain: EpochDomain
    private let leftPadding = Padding()
    @usableFromInline let heldWeight = Atomic<Int>(0)
    private let rightPadding = Padding()

    @usableFromInline
    init(domain: EpochDomain) {
        self.domain = domain
    }

    deinit {
        stripes.deallocate()
    }

    /// Adds to a counter of this thread's stripe, and returns its new value there.
    @inlinable @inline(__always)
    @discardableResult
    func add(_ amount: Int = 1, to counter: Counter) -> Int {
        stripes.add(amount, to: counter.rawValue, by: domain.record())
    }

    /// The weight that the cache holds and that is reserved, in bytes.
    @inlinable @inline(__always)
    var weight: Int { heldWeight.load(ordering: .relaxed) }

    /// Adds to the weight and returns the new one.
    @inlinable @inline(__always)
    @discardableResult
    func addWeight(_ change: Int) -> Int {
        heldWeight.wrappingAdd(change, ordering: .relaxed).newValue
    }

    /// All counters, summed up.
    var statistics: CacheStatistics {
        func sum(_ counter: Counter) -> Int { stripes.sum(counter.rawValue) }
        var statistics = CacheStatistics()
        statistics.hits = sum(.hits)
        statistics.misses = sum(.misses)
        statistics.inserts = sum(.inserts)
        statistics.replacements = sum(.replacements)
        statistics.removals = sum(.removals)
        statistics.evictions = sum(.evictions)
        statistics.evictedWeight = sum(.evictedWeight)
        statistics.expirations = sum(.expirations)
        return statistics
    }
}
