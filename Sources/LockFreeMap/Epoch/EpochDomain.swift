public import CLockFree
public import Synchronization

/// Epoch-based reclamation: an object that was taken out of a map is released when no reader can hold it any more.
///
/// ## Algorithm
///
/// A thread that reads *pins*: it announces the global epoch. A thread that takes an object out of a map *retires* it:
/// the object waits in limbo, marked with the epoch of that moment. The epoch advances from *e* to *e* + 1 once every
/// pinned thread has announced *e*. An object that was retired in *e* is released when the epoch is *e* + 2: every
/// thread that could have found it has unpinned since.
///
/// - A thread that announces an epoch which has just passed keeps the epoch from advancing a second time, so that no
///   object retired after its announcement is released under it.
/// - Taking out (compare-and-exchange), reading the epoch for the mark, announcing, reading announcements and loading
///   an address from a slot are sequentially consistent. So either the reader sees that the object is gone, or the
///   thread that advances the epoch sees the reader.
/// - Pins nest: only the outermost announces. A thread's record is made at its first pin and reused when the thread
///   ends.
/// - A thread's retired objects wait in its own record. It releases some of them for each 32 objects that it retires.
///   Now and then it looks at a neighbour's record, so that the objects of idle and ended threads are released too.
///   While more can be released, each of its writes releases up to 64 objects.
/// - A reader that keeps more than 4,096 objects of a thread from being released is marked, and releases them itself
///   when it unpins: so they are released even if no thread writes any more.
///
/// ## Progress
///
/// Pinning and unpinning are wait-free, except for a thread's first pin, which allocates. Retiring is lock-free: a
/// record's limbo is behind a flag that is tried and never waited for, and there is a record for each thread. A thread
/// that blocks inside a pin keeps every object from being released. Limbo is counted in bytes: above ``limit`` a write
/// waits for that thread for up to half a second, then fails with ``LockFreeMapError/reclamationStalled`` instead of
/// filling the memory. After one write has waited too long, others fail at once until the thread continues. Reads never
/// wait.
///
/// ## Not promised
///
/// The time at which an object is released, and the thread: its `deinit` runs on some thread that writes or unpins, or
/// in ``flush()``.
///
/// Source: K. Fraser, *Practical lock-freedom*, 2004, section 5.2.3; the layout follows crossbeam-epoch in outline.
public final class EpochDomain: Sendable {
    /// The default domain of all maps.
    public static let shared = EpochDomain()

    private static let numbers = Atomic<UInt64>(0)

    /// The domain's number, which identifies it in a thread's slot.
    @usableFromInline let number: UInt64
    /// The maximum number of bytes that may wait in limbo.
    public let limit: Int
    /// The milliseconds that a write waits for pinned threads before it is refused.
    let patience: Int
    // Keeps the epoch, which all readers load, off the cache lines that writers change.
    private let leftPadding = Padding()
    @usableFromInline let epoch = Atomic<UInt64>(1)
    private let rightPadding = Padding()
    /// The bytes in limbo, without those that each thread has not reported yet.
    @usableFromInline let waiting = Atomic<Int>(0)
    /// The newest epoch in which a write waited too long for pinned threads; 0 for none.
    let stalledEpoch = Atomic<UInt64>(0)
    /// The address of the newest record, 0 for none; records of ended threads stay in the list.
    private let newestRecord = Atomic<UInt>(0)
    /// The number of records that were made.
    private let recordCount = Atomic<Int>(0)

    /// Makes a domain; it lives as long as the process.
    ///
    /// - Parameter limit: The maximum number of bytes that may wait in limbo before writes are refused.
    public convenience init(limit: Int = 256 << 20) {
        self.init(limit: limit, patience: 500)
    }

    /// Makes a domain.
    ///
    /// - Parameters:
    ///   - limit: The maximum number of bytes that may wait in limbo before writes are refused.
    ///   - patience: The milliseconds that a write waits for pinned threads before it is refused.
    init(limit: Int, patience: Int) {
        self.limit = limit
        self.patience = patience
        number = Self.numbers.add(1, ordering: .relaxed).newValue
        // Threads keep records of the domain until they end, which may be at any time.
        _ = unsafe Unmanaged.passRetained(self)
    }
}

extension EpochDomain {
    /// The bytes that wait in limbo.
    ///
    /// Until ``flush()`` the figure may be off by up to 64 KiB a thread, which the thread has not reported yet.
    public var limboBytes: Int { waiting.load(ordering: .relaxed) }

    /// Returns the record of the calling thread.
    @inlinable @inline(__always)
    func record() -> EpochRecord {
        // Safety: the slot is the calling thread's own, and its record is never freed.
        let thread = unsafe clockfree_thread()!
        if unsafe thread.pointee.domain == number { return unsafe EpochRecord(thread.pointee.record) }
        return enter()
    }

    /// Pins the calling thread: an object that it finds from now on stays valid until ``unpin(_:)``.
    @inlinable @inline(__always)
    func pin() -> EpochRecord {
        let record = record()
        // Safety: the record is the calling thread's.
        let depth = unsafe record.depth.pointee.load(ordering: .relaxed)
        unsafe record.depth.pointee.store(depth &+ 1, ordering: .relaxed)
        // The epoch may be loaded without an order: a thread that announces one which has passed holds the epoch back,
        // and the sequentially consistent store keeps all loads of slots behind it. On x86 that takes an exchange. The
        // mark that another thread may have set lies above these 32 bits.
        if UInt32(truncatingIfNeeded: depth) == 0 {
            unsafe record.announcement.pointee.store(epoch.load(ordering: .relaxed), ordering: .sequentiallyConsistent)
        }
        return record
    }

    /// Ends a pin.
    @inlinable @inline(__always)
    func unpin(_ record: EpochRecord) {
        // Safety: the record is the calling thread's.
        guard unsafe clockfree_decrement(record.depth) else { return unpinSlowly(record) }
        unsafe record.announcement.pointee.store(0, ordering: .releasing)
    }

    /// Runs a closure while the calling thread is pinned.
    ///
    /// Every entry that a map of this domain lends within the closure stays valid until the closure returns. The
    /// closure must not block.
    @inlinable
    public func pinned<Result: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let record = pin()
        defer { unpin(record) }
        return try body()
    }

    /// Finds or makes the calling thread's record.
    @usableFromInline @inline(never)
    func enter() -> EpochRecord {
        // Safety: the slot and the records that it leads to are the calling thread's own.
        let thread = unsafe clockfree_thread()!
        var next = unsafe thread.pointee.records
        while let base = unsafe next {
            let record = unsafe EpochRecord(base)
            if unsafe record.own.pointee.domain === self {
                unsafe thread.pointee.domain = number
                unsafe thread.pointee.record = base
                return record
            }
            unsafe next = record.own.pointee.sibling
        }
        let record = takeRecord()
        unsafe record.own.pointee.sibling = thread.pointee.records
        unsafe thread.pointee.records = record.base
        unsafe thread.pointee.domain = number
        unsafe thread.pointee.record = record.base
        unsafe clockfree_at_thread_exit({ unsafe EpochDomain.leave($0) }, record.base)
        return record
    }

    private func takeRecord() -> EpochRecord {
        var free = firstRecord
        while let record = free {
            // Safety: records are never freed.
            if unsafe !record.isTaken.pointee.load(ordering: .relaxed),
                unsafe !record.isTaken.pointee.exchange(true, ordering: .acquiring)
            {
                return record
            }
            free = record.next
        }
        let record = EpochRecord(domain: self, number: recordCount.add(1, ordering: .sequentiallyConsistent).oldValue)
        var first = newestRecord.load(ordering: .acquiring)
        while true {
            unsafe record.link.pointee = UnsafeMutableRawPointer(bitPattern: first)
            let (exchanged, original) = unsafe newestRecord.weakCompareExchange(
                expected: first,
                desired: UInt(bitPattern: record.base),
                ordering: .sequentiallyConsistent
            )
            if exchanged { return record }
            first = original
        }
    }

    /// Runs a closure for each record until it returns `false`.
    func forEachRecord(_ body: (EpochRecord) -> Bool) {
        var next = firstRecord
        while let record = next {
            guard body(record) else { return }
            next = record.next
        }
    }

    /// The newest record.
    var firstRecord: EpochRecord? {
        // Safety: an address that is in the list is a record's, and records are never freed.
        unsafe UnsafeMutableRawPointer(bitPattern: newestRecord.load(ordering: .sequentiallyConsistent))
            .map { unsafe EpochRecord($0) }
    }

    /// The largest number of threads that had a record at the same time.
    public var threads: Int { recordCount.load(ordering: .sequentiallyConsistent) }

    /// Frees the records of a thread that ends for other threads.
    private static func leave(_ records: UnsafeMutableRawPointer?) {
        var next = unsafe records
        while let base = unsafe next {
            // Safety: the records are those of the thread that ends, which runs this.
            let record = unsafe EpochRecord(base)
            unsafe next = record.own.pointee.sibling
            unsafe record.own.pointee.sibling = nil
            unsafe record.depth.pointee.store(0, ordering: .relaxed)
            unsafe record.announcement.pointee.store(0, ordering: .releasing)
            unsafe record.isTaken.pointee.store(false, ordering: .releasing)
        }
    }
}
