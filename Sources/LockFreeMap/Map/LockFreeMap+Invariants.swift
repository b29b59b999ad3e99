extension LockFreeMap {
    /// Stops the program if an invariant of the map does not hold; for tests, while no other thread uses the map.
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
                    precondition(word.tag == SlotWord.tag(of: hash), "the tag does not match the key's hash")
                    precondition(unsafe find(entry.key, hash) == address, "a search does not find the entry")
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
