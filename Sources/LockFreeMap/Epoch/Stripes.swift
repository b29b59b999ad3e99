public import Synchronization

/// Counters to which each thread adds in memory of its own, without an atomic read-modify-write.
///
/// A thread's stripe is that of its record in one domain, which only that thread uses until it ends. The records of
/// further threads share the last stripe, with atomic additions. A sum is exact if no thread counts.
@safe @usableFromInline
struct Stripes: Sendable {
    /// The number of threads with a stripe of their own.
    @usableFromInline let owners: Int
    /// The words of a stripe.
    @usableFromInline let width: Int
    // Safety: initialised for all counters of all stripes; freed by `deallocate` alone, when no thread counts any more.
    @usableFromInline nonisolated(unsafe) let counters: UnsafeMutablePointer<Atomic<Int>>

    /// Makes counters of zero.
    ///
    /// - Parameters:
    ///   - owners: The number of threads with a stripe of their own.
    ///   - width: The words of a stripe, a multiple of eight: the largest number of counters.
    @usableFromInline
    init(owners: Int, width: Int) {
        precondition(width > 0 && width % 8 == 0, "the width of a stripe must be a multiple of eight words")
        self.owners = owners
        self.width = width
        let count = (owners + 1) * width
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Int>.stride, alignment: 128)
        unsafe counters = unsafe memory.bindMemory(to: Atomic<Int>.self, capacity: count)
        for index in 0..<count { unsafe (counters + index).initialize(to: Atomic(0)) }
    }

    @usableFromInline
    func deallocate() {
        unsafe counters.deallocate()
    }

    /// Adds to a counter of the thread's stripe.
    ///
    /// - Parameters:
    ///   - amount: The amount to add.
    ///   - counter: The counter's number, less than the width.
    ///   - record: The calling thread's record; all threads that count here use records of the same domain.
    /// - Returns: The counter's value in the thread's stripe; in the shared stripe for a thread without one of its own.
    @inlinable @inline(__always) @discardableResult
    func add(_ amount: Int, to counter: Int, by record: EpochRecord) -> Int {
        // Safety: the record is the calling thread's; the stripe is the last one at most, and the counter within it.
        let number = unsafe record.own.pointee.number
        guard number < owners else {
            let cell = unsafe counters + (owners &* width &+ counter)
            return unsafe cell.pointee.wrappingAdd(amount, ordering: .relaxed).newValue
        }
        let cell = unsafe counters + (number &* width &+ counter)
        let sum = unsafe cell.pointee.load(ordering: .relaxed) &+ amount
        unsafe cell.pointee.store(sum, ordering: .relaxed)
        return sum
    }

    /// Returns the sum of a counter over all stripes.
    @usableFromInline
    func sum(_ counter: Int) -> Int {
        // A loop by hand: in debug builds a range asks the runtime for metadata, for which all threads contend.
        var total = 0
        var stripe = 0
        while stripe <= owners {
            // Safety: the stripe is the last one at most, and the counter within it.
            total &+= unsafe (counters + (stripe * width + counter)).pointee.load(ordering: .acquiring)
            stripe += 1
        }
        return total
    }
}
