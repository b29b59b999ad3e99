public import CLockFree
public import Synchronization

extension LockFreeMap {
    /// Lends the entry of a key to a closure, without retaining it.
    ///
    /// The thread is pinned while the closure runs. So the closure has to be short, must not block, and cannot `await`.
    /// It may call the map. It retains what it keeps of the entry beyond its end, as with any other object.
    ///
    /// Wait-free; linearizable.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - body: Receives the entry.
    /// - Returns: The closure's result; `nil` if the key has no entry.
    /// - Throws: The closure's error.
    /// - Complexity: O(1) on average; two cache lines.
    @inlinable @inline(__always)
    public func withValue<Result, Failure: Error>(
        _ key: Entry.Key,
        _ body: (Entry) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        let hash = hash(key)
        let record = pin()
        guard let address = unsafe find(key, hash) else {
            unpin(record)
            return nil
        }
        defer {
            // Keeps the closure's retains before the end of the pin.
            unsafe clockfree_keep(address)
            unpin(record)
        }
        Entry.Instrumentation.reach(.lend)
        return try unsafe lend(address, body)
    }

    /// Returns the entry of a key, retained.
    ///
    /// About twice the cost of ``withValue(_:_:)``; threads that get the same entry contend for its reference count.
    ///
    /// - Parameter key: The key.
    /// - Returns: The entry; `nil` if the key has none.
    /// - Complexity: O(1) on average.
    @inlinable
    public func get(_ key: Entry.Key) -> Entry? {
        let hash = hash(key)
        let record = pin()
        defer { unpin(record) }
        guard let address = unsafe find(key, hash) else { return nil }
        Entry.Instrumentation.reach(.lend)
        return unsafe retained(address)
    }

    /// Lends the entries of several keys to a closure, one after the other.
    ///
    /// The cache lines of up to 16 keys are prefetched before the first key is read, so that the keys share the latency
    /// of one miss. Each look-up is linearizable by itself.
    ///
    /// - Parameters:
    ///   - keys: The keys.
    ///   - body: Called once for each key, in order, with its index and its entry.
    /// - Complexity: O(*n*).
    @inlinable
    public func withValues(_ keys: Span<Entry.Key>, _ body: (_ index: Int, _ entry: Entry?) -> Void) {
        let record = pin()
        defer { unpin(record) }
        var start = 0
        while start < keys.count {
            let count = Swift.min(16, keys.count &- start)
            // Safety: each hash is written before it is read, and indices stay below 16 and below the keys' count.
            unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 16) { hashes in
                let lines = root.lines
                for index in 0..<count {
                    let hash = hash(unsafe keys[unchecked: start &+ index])
                    unsafe hashes[index] = hash
                    unsafe clockfree_prefetch(lines[lines.home(of: hash)])
                }
                for index in 0..<count { unsafe prefetchEntry(of: hashes[index], in: lines) }
                for index in 0..<count {
                    if let address = unsafe find(keys[unchecked: start &+ index], hashes[index]) {
                        unsafe lend(address) { body(start &+ index, $0) }
                        unsafe clockfree_keep(address)
                    } else {
                        body(start &+ index, nil)
                    }
                }
            }
            start &+= count
        }
    }
}

extension LockFreeMap {
    @inlinable @inline(__always)
    func pin() -> EpochRecord {
        Entry.Instrumentation.reach(.pin)
        return Entry.Instrumentation.mutation == .pin ? domain.record() : domain.pin()
    }

    @inlinable @inline(__always)
    func unpin(_ record: EpochRecord) {
        if Entry.Instrumentation.mutation != .pin { domain.unpin(record) }
    }

    /// Returns a strong reference to the entry at an address.
    @inlinable @inline(__always)
    func retained(_ address: UnsafeRawPointer) -> Entry {
        // Safety: the caller is pinned. Without the barrier the optimiser pairs the retain with a later release, and
        // moves loads of the entry behind the end of the pin.
        let entry = unsafe Unmanaged<Entry>.fromOpaque(address)
        _ = unsafe entry.retain()
        unsafe clockfree_keep(address)
        return unsafe entry.takeRetainedValue()
    }

    /// Prefetches the entry that a hash probably has.
    @inlinable @inline(__always)
    func prefetchEntry(of hash: UInt64, in lines: Lines) {
        let line = unsafe lines[lines.home(of: hash)]
        let match = unsafe clockfree_match(line, SlotWord.tag(of: hash))
        guard match != 0 else { return }
        let word = unsafe Table.load(line + match.trailingZeroBitCount &>> 2)
        unsafe clockfree_prefetch(UnsafeRawPointer(bitPattern: UInt(word.bits & SlotWord.addressMask)))
    }

    /// Returns the address of a key's entry.
    @inlinable @inline(__always)
    func find(_ key: Entry.Key, _ hash: UInt64) -> UnsafeRawPointer? {
        Entry.Instrumentation.reach(.look)
        let lines = root.lines
        let line = unsafe lines[lines.home(of: hash)]
        // Safety: the line is the table's, and the caller is pinned.
        let match = unsafe clockfree_match(line, SlotWord.tag(of: hash))
        if match != 0 {
            let word = unsafe reload(line + match.trailingZeroBitCount &>> 2)
            if word.isEntry || Entry.Instrumentation.mutation == .recheckKind {
                let address = unsafe word.address
                if unsafe entry(at: address, has: key) { return unsafe address }
            }
        }
        return unsafe findSlowly(key, hash)
    }

    @inlinable @inline(__always)
    func reload(_ slot: UnsafeMutablePointer<Atomic<UInt64>>) -> SlotWord {
        Entry.Instrumentation.reach(.load)
        return unsafe Table.load(slot)
    }

    /// Returns the address of a key's entry in the rare cases: several candidates, several lines, several tables.
    @inlinable @inline(never)
    func findSlowly(_ key: Entry.Key, _ hash: UInt64) -> UnsafeRawPointer? {
        var table = root
        var lineIndex = table.home(of: hash)
        var passed = 0
        var hasMoved = false
        while true {
            let line = unsafe table.line(lineIndex)
            // Safety: the line is the table's, and the caller is pinned.
            var match = unsafe clockfree_match(line, SlotWord.tag(of: hash))
            while match != 0 {
                let word = unsafe reload(line + match.trailingZeroBitCount &>> 2)
                match &= match &- 1
                if word.isEntry {
                    let address = unsafe word.address
                    if unsafe entry(at: address, has: key) { return unsafe address }
                } else if word.isFrozen {
                    // The word of the key, or of another key with the same tag.
                    hasMoved = true
                }
            }
            let last = unsafe Table.load(line + (Table.lineWords &- 1))
            guard last == .empty || last == .sealed || passed == table.lineMask else {
                lineIndex &+= 1
                passed &+= 1
                continue
            }
            guard last != .empty || hasMoved, let migration = table.migration else { return nil }
            table = migration.target
            lineIndex = table.home(of: hash)
            (passed, hasMoved) = (0, false)
        }
    }
}
