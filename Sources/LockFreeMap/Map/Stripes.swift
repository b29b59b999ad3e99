public import Synchronization

/// Counters that each thread adds to in a line of memory of its own.
///
/// All of them only ever grow: what comes minus what went, read in that order's reverse, is never too little.
@safe @usableFromInline
struct Stripes: Sendable {
    /// What is counted.
    @usableFromInline
    enum Counter: Int {
        case insertions, removals, claims, bytesIn, bytesOut
    }

    /// How many stripes there are; threads beyond that share them.
    @usableFromInline static var stripes: Int { 16 }
    @usableFromInline static var perStripe: Int { 8 }

    // Safety: initialised for all counters of all stripes; freed by `deallocate` alone, when nobody counts any more.
    @usableFromInline nonisolated(unsafe) let counters: UnsafeMutablePointer<Atomic<Int>>

    @usableFromInline
    init() {
        let count = Self.stripes * Self.perStripe
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Int>.stride, alignment: 64)
        unsafe counters = unsafe memory.bindMemory(to: Atomic<Int>.self, capacity: count)
        for index in 0..<count { unsafe (counters + index).initialize(to: Atomic(0)) }
    }

    @usableFromInline
    func deallocate() {
        unsafe counters.deallocate()
    }

    /// Adds to a counter, and returns what its stripe has now.
    @inlinable @inline(__always) @discardableResult
    func add(_ amount: Int, to counter: Counter, stripe: Int) -> Int {
        let index = (stripe & (Self.stripes &- 1)) &* Self.perStripe &+ counter.rawValue
        // Safety: the index is less than the count, because of the mask.
        return unsafe (counters + index).pointee.wrappingAdd(amount, ordering: .relaxed).newValue
    }

    /// The sum of a counter over all stripes.
    @usableFromInline
    func sum(_ counter: Counter) -> Int {
        (0..<Self.stripes)
            .reduce(0) {
                // Safety: the index is less than the count.
                unsafe $0 + (counters + $1 * Self.perStripe + counter.rawValue).pointee.load(ordering: .acquiring)
            }
    }
}
