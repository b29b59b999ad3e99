public import Synchronization

extension LockFreeMap {
    /// A page of entries, in the order of their keys' hashes.
    ///
    /// Weakly consistent: what is in the map throughout an iteration is given at least once, and may be given again where
    /// the table is migrated meanwhile; what comes or goes may be given or not. A cursor stays good for as long as the
    /// map lives. Lock-free.
    ///
    /// - Parameters:
    ///   - cursor: Where the page before ended; `nil` for the first one.
    ///   - limit: How many entries are enough, at least 1; a page holds some more, those of the last line it looked at.
    /// - Returns: The entries, and where the next page begins; `nil` after the last one.
    /// - Complexity: O(`limit`) on average, where the table is not sparse.
    public func scan(from cursor: MapCursor?, limit: Int) -> (entries: [Entry], next: MapCursor?) {
        precondition(limit > 0, "a page holds at least one entry")
        let record = pin()
        defer { unpin(record) }
        var entries: [Entry] = []
        var position = cursor?.position ?? 0
        while entries.count < limit {
            let end = scanStep(from: position, into: &entries)
            guard let end else { return (entries, nil) }
            position = end
        }
        return (entries, MapCursor(position: position))
    }

    /// Appends the entries whose keys' hashes lie in the range of one line of the smallest table that there is.
    ///
    /// - Returns: The end of the range; `nil` where it is the last one.
    @inlinable
    func scanStep(from position: UInt64, into entries: inout [Entry]) -> UInt64? {
        var table = root
        let shift = Swift.max(table.lines.shift, migration(of: table)?.target.lines.shift ?? 0)
        let start = (position >> shift) << shift
        let last = start | ((1 << shift) - 1)
        while true {
            scan(table, table.home(of: start)...table.home(of: last), into: &entries)
            // An entry that has moved since is in the next table, which is looked at after this one.
            guard let migration = table.migration else { break }
            table = migration.target
        }
        return last == .max ? nil : last + 1
    }

    /// Appends the entries of a table whose searches begin in a range of lines.
    @inlinable
    func scan(_ table: Table, _ homes: ClosedRange<Int>, into entries: inout [Entry]) {
        var index = homes.lowerBound
        for _ in 0...table.lineMask {
            let line = unsafe table.line(index)
            var isFull = true
            for slot in 0..<Table.lineWords {
                // Safety: the line is the table's, and the thread is pinned.
                let word = unsafe Table.load(line + slot)
                if word == .empty || word == .sealed {
                    isFull = false
                } else if word.isEntry {
                    let address = unsafe word.address
                    if homes.contains(table.home(of: unsafe hashOfEntry(at: address))) {
                        unsafe entries.append(retained(address))
                    }
                }
            }
            if index >= homes.upperBound, !isFull { return }
            index += 1
        }
    }
}
