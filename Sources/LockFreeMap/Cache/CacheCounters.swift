public import CLockFree
public import Synchronization

/// The counters of a cache, in stripes: a thread counts in a stripe of its own, without a read-modify-write.
///
/// A thread has its stripe until it ends (`Stripe.c`); beyond 64 threads the others share one, with atomic additions.
/// The weight lies here too, because the cache's own object is read by all and should be written by nobody.
@usableFromInline
@safe
final class CacheCounters: @unchecked Sendable {
    // The proof of Sendable: the cells are atomic, and live as long as this object, which is all that the pointer needs.

    /// What is counted.
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

    /// Cells of a stripe: two lines of 64 bytes, which are fetched as a pair.
    @usableFromInline static var stripeShift: Int { 4 }
    @usableFromInline static var stripeCount: Int { Int(CLOCKFREE_STRIPE_COUNT) }

    /// A stripe for each thread, the shared one, and one for the weight.
    @usableFromInline let cells: UnsafeMutablePointer<Atomic<Int>>

    @usableFromInline
    init() {
        let count = (Self.stripeCount + 2) << Self.stripeShift
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Int>.stride, alignment: 128)
        unsafe cells = bytes.bindMemory(to: Atomic<Int>.self, capacity: count)
        for index in 0..<count { unsafe (cells + index).initialize(to: Atomic(0)) }
    }

    deinit {
        // Safety: allocated above; atomics of integers have nothing to deinitialise.
        unsafe UnsafeMutableRawPointer(cells).deallocate()
    }

    /// Adds to a counter of this thread's stripe, and returns what it has there now.
    @inlinable @inline(__always)
    @discardableResult
    func add(_ amount: Int = 1, to counter: Counter) -> Int {
        let stripe = Int(clockfree_stripe_current())
        // Safety: a stripe's number is at most `stripeCount`, and the cells live as long as `self`.
        let cell = unsafe cells + (stripe << Self.stripeShift + counter.rawValue)
        guard stripe < Self.stripeCount else {
            return unsafe cell.pointee.wrappingAdd(amount, ordering: .relaxed).newValue
        }
        let sum = unsafe cell.pointee.load(ordering: .relaxed) &+ amount
        unsafe cell.pointee.store(sum, ordering: .relaxed)
        return sum
    }

    /// What all stripes have of a counter.
    @usableFromInline
    func sum(of counter: Counter) -> Int {
        var sum = 0
        for stripe in 0...Self.stripeCount {
            // Safety: as above.
            sum &+= unsafe (cells + (stripe << Self.stripeShift + counter.rawValue)).pointee.load(ordering: .relaxed)
        }
        return sum
    }

    /// The weight that the cache holds and that is reserved, in bytes.
    @inlinable @inline(__always)
    var weight: Int {
        unsafe weightCell.pointee.load(ordering: .relaxed)
    }

    /// Adds to the weight and returns the new one.
    @inlinable @inline(__always)
    @discardableResult
    func addWeight(_ change: Int) -> Int {
        unsafe weightCell.pointee.wrappingAdd(change, ordering: .relaxed).newValue
    }

    @inlinable
    var weightCell: UnsafeMutablePointer<Atomic<Int>> {
        // Safety: the last stripe, which no thread counts in.
        unsafe cells + ((Self.stripeCount + 1) << Self.stripeShift)
    }

    /// All counters, summed up.
    var statistics: CacheStatistics {
        var statistics = CacheStatistics()
        statistics.hits = sum(of: .hits)
        statistics.misses = sum(of: .misses)
        statistics.inserts = sum(of: .inserts)
        statistics.replacements = sum(of: .replacements)
        statistics.removals = sum(of: .removals)
        statistics.evictions = sum(of: .evictions)
        statistics.evictedWeight = sum(of: .evictedWeight)
        statistics.expirations = sum(of: .expirations)
        return statistics
    }
}
