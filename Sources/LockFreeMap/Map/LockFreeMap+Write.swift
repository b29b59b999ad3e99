extension LockFreeMap {
    /// Inserts an entry, unless its key has one.
    ///
    /// Lock-free; linearizable.
    ///
    /// - Parameter entry: The entry.
    /// - Returns: `nil` if the entry was inserted; else the entry that the key has.
    /// - Throws: ``LockFreeMapError``.
    /// - Complexity: O(1) on average.
    @inlinable
    public func insert(ifAbsent entry: Entry) throws(LockFreeMapError) -> Entry? {
        let key = entry.key
        let hash = hash(key)
        try refuseIfStalled()
        let record = pin()
        defer { finish(record) }
        // The reference that the map will own; released if the entry is not inserted.
        let reference = unsafe Unmanaged.passRetained(entry)
        let word = unsafe SlotWord(entry: UnsafeRawPointer(reference.toOpaque()), hash: hash)
        guard let other = unsafe claim(word, key, hash, record) else {
            count(inserted: entry.weight, record)
            return nil
        }
        unsafe reference.release()
        return unsafe retained(other)
    }

    /// Replaces an entry by another one of the same key, if it is still in the map.
    ///
    /// Lock-free; linearizable. The caller holds the expected entry, so its address is not used again meanwhile. An
    /// entry that was taken out is never inserted again. So there is no ABA.
    ///
    /// - Parameters:
    ///   - expected: The entry that has to be in the map.
    ///   - desired: The entry that replaces it, with the same key.
    /// - Returns: The result.
    /// - Throws: ``LockFreeMapError``.
    /// - Complexity: O(1) on average.
    @inlinable
    public func compareExchange(
        expected: Entry,
        desired: Entry
    ) throws(LockFreeMapError) -> ExchangeResult<Entry> {
        let key = desired.key
        precondition(expected.key == key, "an entry can only replace one of the same key")
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

    /// Replaces the entry of a key by the one that a closure makes of it.
    ///
    /// If another thread changes the entry first, the closure is called again with the new entry. The thread is pinned
    /// while the closure runs, as with ``withValue(_:_:)``: one search and no reference count for the old entry.
    ///
    /// Lock-free; linearizable.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - body: Makes the new entry, of the same key, from the present one; `nil` changes nothing.
    /// - Returns: `true` if the entry was replaced; `false` if the key has none or the closure returned `nil`.
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

    /// Removes an entry, if it is still in the map.
    ///
    /// Lock-free; linearizable.
    ///
    /// - Parameter entry: The entry that has to be in the map.
    /// - Returns: The result.
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

    /// Removes the entry of a key, whichever it is.
    ///
    /// Lock-free; linearizable.
    ///
    /// - Parameter key: The key.
    /// - Returns: The entry that was removed; `nil` if the key had none.
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

    /// Ends a write: unpins, and releases retired objects if enough have accumulated.
    @inlinable @inline(__always)
    func finish(_ record: EpochRecord) {
        unpin(record)
        domain.reclaimIfDue(record, Entry.Instrumentation.self)
    }

    /// Retires the entry at an address, which the caller's exchange replaced by a word.
    @inlinable
    func retire(_ address: UnsafeRawPointer, replacedBy word: SlotWord, _ record: EpochRecord) {
        // Safety: the entry is retired below and not before; its successor came into the slot since the pin; the caller
        // is pinned.
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
