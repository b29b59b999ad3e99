/// The counters of a map.
///
/// A counter only grows. The present number of entries, or of bytes, is the difference of two counters.
@safe @usableFromInline
struct MapCounters: Sendable {
    @usableFromInline
    enum Counter: Int {
        /// Each removal makes a tombstone, which is purged when its key comes back or its table is migrated.
        case insertions, removals, bytesIn, bytesOut, purges
    }

    @usableFromInline let stripes = Stripes(owners: 63, width: 8)

    init() {}

    @inlinable @inline(__always) @discardableResult
    func add(_ amount: Int, to counter: Counter, by record: EpochRecord) -> Int {
        stripes.add(amount, to: counter.rawValue, by: record)
    }

    @inlinable
    func sum(_ counter: Counter) -> Int { stripes.sum(counter.rawValue) }
}
