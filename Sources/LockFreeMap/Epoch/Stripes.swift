public import Synchronization

/// Counters that each thread adds to in memory of its own, without a read-modify-write.
///
/// A thread's stripe is that of its record in one domain, which is the thread's alone until it ends; the records of
/// further threads share the last stripe, with atomic additions. A sum is exact when nobody counts.
@safe @usableFromInline
struct Stripes: Sendable {
    /// How many threads have a stripe of their own.
    @usableFromInline let owners: Int
    /// The words of a stripe.
    @usableFromInline let width: Int
    // Safety: initialised for all counters of all stripes; freed by `deallocate` alone, when nobody counts any more.
    @usableFromInline nonisolated(unsafe) let counters: UnsafeMutablePointer<Atomic<Int>>

    /// Makes counters of zero.
    ///
    /// - Parameters:
    ///   - owners: How many threads have a stripe of their own.
    ///   - width: The words of a stripe, a multiple of eight; there are as many counters at most.
    @usableFromInline
    init(owners: Int, width: Int) {
        precondition(width > 0 && width % 8 == 0, "a stripe is not whole lines of memory")
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

    /// Adds to a counter, and returns what its stripe has now.
    ///
    /// - Parameters:
    ///   - amount: What to add.
    ///   - counter: The counter's number, less than the width.
    ///   - record: The calling thread's record; the same domain's for all who count here.
    /// - Returns: The sum of the thread's stripe; of the last one for a thread that shares it.
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

    /// The sum of a counter over all stripes.
    @usableFromInline
    func sum(_ counter: Int) -> Int {
        // By hand: without optimisation a range asks the runtime for metadata, for which all threads wait in one place.
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
