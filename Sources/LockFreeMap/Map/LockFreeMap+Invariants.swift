extension LockFreeMap {
    /// Stops the program where the map is not in order; for tests, while nobody else has the map at hand.
    ///
    /// - Complexity: O(*n*).
    public func checkInvariants() {
        let record = pin()
        defer { unpin(record) }
        var (entries, bytes, tombstones) = (0, 0, 0)
        var table = root
        while true {
            for slot in 0..<table.capacity {
                // Safety: the index is within the table, and the thread is pinned.
                let word = unsafe Table.load(table.lines.words + slot)
                if word.tag != 0, word.isTombstone { tombstones += 1 }
                guard word.tag != 0, word.isEntry else { continue }
                let address = unsafe word.address
                unsafe lend(address) { entry in
                    let hash = hash(entry.key)
                    precondition(word.tag == SlotWord.tag(of: hash), "the tag is that of another key")
                    precondition(unsafe find(entry.key, hash) == address, "a search finds another entry, or none")
                    if !word.isFrozen || !isPlaced(word, after: table) {
                        entries += 1
                        bytes += entry.weight
                    }
                }
            }
            guard let next = table.migration?.target else { break }
            table = next
        }
        precondition(entries == count, "\(entries) entries, counted \(count)")
        precondition(bytes == weight, "\(bytes) bytes, counted \(weight)")
        precondition(tombstones == tombstoneCount, "\(tombstones) tombstones, counted \(tombstoneCount)")
    }
}
