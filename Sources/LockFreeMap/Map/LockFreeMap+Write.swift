extension LockFreeMap {
    /// Puts an entry into the map, where its key has none.
    ///
    /// Lock-free; linearizable.
    ///
    /// - Parameter entry: The entry.
    /// - Returns: `nil` where the entry is in the map now; else the one that is there.
    /// - Throws: ``LockFreeMapError``.
    /// - Complexity: O(1) on average.
    @inlinable
    public func insert(ifAbsent entry: Entry) throws(LockFreeMapError) -> Entry? {
        let key = entry.key
        let hash = hash(key)
        try refuseIfStalled()
        let record = pin()
        defer { finish(record) }
        // The reference that the map will own; given back where it does not come to that.
        let reference = unsafe Unmanaged.passRetained(entry)
        let word = unsafe SlotWord(entry: UnsafeRawPointer(reference.toOpaque()), hash: hash)
        guard let other = unsafe claim(word, key, hash, record) else {
            count(inserted: entry.weight, record)
            return nil
        }
        unsafe reference.release()
        return unsafe retained(other)
    }

    /// Puts an entry in the place of another one of the same key, if that one is still there.
    ///
    /// Lock-free; linearizable. An entry that was taken out is never put in again, so that there is no ABA: a caller who
    /// holds the expected entry keeps its address from being used anew.
    ///
    /// - Parameters:
    ///   - expected: The entry that must be there.
    ///   - desired: The entry to put there, which has the same key.
    /// - Returns: What was done.
    /// - Throws: ``LockFreeMapError``.
    /// - Complexity: O(1) on average.
    @inlinable
    public func compareExchange(
        expected: Entry,
        desired: Entry
    ) throws(LockFreeMapError) -> ExchangeResult<Entry> {
        let key = desired.key
        precondition(expected.key == key, "an entry takes the place of another one of the same key")
        let hash = hash(key)
        try refuseIfStalled()
        let record = pin()
        defer { finish(record) }
        let reference = unsafe Unmanaged.passRetained(desired)
        let word = unsafe SlotWord(entry: UnsafeRawPointer(reference.toOpaque()), hash: hash)
        let address = unsafe UnsafeRawPointer(Unmanaged.passUnretained(expected).toOpaque())
        let result = unsafe self.result(of: exchange(key, hash, address, word, record, .exchange))
        if case .exchanged = result {
            count(replaced: expected.weight, by: desired.weight, record)
        } else {
            unsafe reference.release()
        }
        return result
    }

    /// Puts what a closure makes of a key's entry in that entry's place.
    ///
    /// The closure is called again where another thread was faster, with the entry that is there then. The thread is
    /// pinned while it runs, as with ``withValue(_:_:)``: one search and no reference count for the old entry.
    ///
    /// Lock-free; linearizable.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - body: Makes the new entry, of the same key, of the present one; `nil` leaves everything as it is.
    /// - Returns: Whether an entry was put in another one's place: `false` where the key has none, or the closure said so.
    /// - Throws: ``LockFreeMapError``.
    /// - Complexity: O(1) on average.
    @inlinable
    @discardableResult
    public func update(_ key: Entry.Key, _ body: (Entry) -> Entry?) throws(LockFreeMapError) -> Bool {
        let hash = hash(key)
        try refuseIfStalled()
        let record = pin()
        defer { finish(record) }
        var table = root
        while true {
            switch locate(key, hash, in: table) {
            case .absent:
                return false
            case .here(let slot):
                if let result = unsafe update(slot, key, hash, in: table, record, body) { return result }
            case .next:
                break
            }
            table = next(after: table)
        }
    }

    /// Takes an entry out of the map, if it is still there.
    ///
    /// Lock-free; linearizable.
    ///
    /// - Parameter entry: The entry that must be there.
    /// - Returns: What was done.
    /// - Throws: ``LockFreeMapError``.
    /// - Complexity: O(1) on average.
    @inlinable
    public func remove(_ entry: Entry) throws(LockFreeMapError) -> ExchangeResult<Entry> {
        let key = entry.key
        let hash = hash(key)
        try refuseIfStalled()
        let record = pin()
        defer { finish(record) }
        let tombstone = unsafe Unmanaged.passRetained(TombstoneKey(key))
        let word = unsafe SlotWord(tombstone: UnsafeRawPointer(tombstone.toOpaque()), hash: hash)
        let address = unsafe UnsafeRawPointer(Unmanaged.passUnretained(entry).toOpaque())
        let result = unsafe self.result(of: exchange(key, hash, address, word, record, .remove))
        if case .exchanged = result {
            count(removed: entry.weight, record)
        } else {
            unsafe tombstone.release()
        }
        return result
    }

    /// Takes whatever entry a key has out of the map.
    ///
    /// Lock-free; linearizable.
    ///
    /// - Parameter key: The key.
    /// - Returns: The entry that was taken out; `nil` where the key had none.
    /// - Throws: ``LockFreeMapError``.
    /// - Complexity: O(1) on average.
    @inlinable
    public func remove(_ key: Entry.Key) throws(LockFreeMapError) -> Entry? {
        while let entry = get(key) {
            switch try remove(entry) {
            case .exchanged: return entry
            case .absent: return nil
            case .conflict: continue
            }
        }
        return nil
    }
}

extension LockFreeMap {
    @inlinable @inline(__always)
    func refuseIfStalled() throws(LockFreeMapError) {
        if domain.isStalled(Entry.Instrumentation.self) { throw .reclamationStalled }
    }

    /// Ends a write: unpins, and frees something where enough was taken out.
    @inlinable @inline(__always)
    func finish(_ record: EpochRecord) {
        unpin(record)
        domain.reclaimIfDue(record, Entry.Instrumentation.self)
    }

    /// Hands over the entry at an address, which the caller's exchange took out by putting a word in its place.
    @inlinable
    func retire(_ address: UnsafeRawPointer, replacedBy word: SlotWord, _ record: EpochRecord) {
        // Safety: the entry is retired below and not before; its successor was in the slot since the pin; the caller is
        // pinned.
        let bytes = unsafe Unmanaged<Entry>.fromOpaque(address)
            ._withUnsafeGuaranteedRef { entry in
                guard word.isEntry else { return entry.limboWeight(replacedBy: nil) }
                return unsafe Unmanaged<Entry>.fromOpaque(word.address)
                    ._withUnsafeGuaranteedRef { entry.limboWeight(replacedBy: $0) }
            }
        unsafe domain.retire(address, bytes: Swift.max(bytes, 64), by: record, Entry.Instrumentation.self)
    }

    @inlinable
    func count(inserted weight: Int, _ record: EpochRecord) {
        counters.add(1, to: .insertions, by: record)
        counters.add(weight, to: .bytesIn, by: record)
    }

    @inlinable
    func count(replaced old: Int, by new: Int, _ record: EpochRecord) {
        guard old != new else { return }
        counters.add(new, to: .bytesIn, by: record)
        counters.add(old, to: .bytesOut, by: record)
    }

    @inlinable
    func count(removed weight: Int, _ record: EpochRecord) {
        let removals = counters.add(1, to: .removals, by: record)
        counters.add(weight, to: .bytesOut, by: record)
        if removals & 63 == 0 { shrinkIfSparse() }
    }
}
