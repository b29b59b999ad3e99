public import Synchronization

extension LockFreeMap {
    /// Returns a page of entries, in the order of their keys' hashes.
    ///
    /// Weakly consistent: an entry that is in the map throughout an iteration is returned at least once, and may be
    /// returned again if the table is migrated meanwhile. An entry that is inserted or removed meanwhile may be
    /// returned or not. A cursor stays valid for as long as the map lives. Lock-free.
    ///
    /// - Parameters:
    ///   - cursor: The end of the page before; `nil` for the first page.
    ///   - limit: The number of entries after which the page ends, at least 1. A page also holds the other entries of
    ///     the last line that it looked at.
    /// - Returns: The entries, and the beginning of the next page; `nil` after the last one.
    /// - Complexity: O(`limit`) on average, if the table is not sparse.
    public func scan(from cursor: MapCursor?, limit: Int) -> (entries: [Entry], next: MapCursor?) {
        precondition(limit > 0, "the limit of a page must be positive")
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

    /// Appends the entries whose hashes lie in the range of one line of the smallest table at the moment.
    ///
    /// - Returns: The end of the range; `nil` for the last range.
    @inlinable
    func scanStep(from position: UInt64, into entries: inout [Entry]) -> UInt64? {
        var table = root
        let shift = Swift.max(table.lines.shift, migration(of: table)?.target.lines.shift ?? 0)
        let start = (position >> shift) << shift
        let last = start | ((1 << shift) - 1)
        while true {
            scan(table, table.home(of: start)...table.home(of: last), into: &entries)
            // An entry that has moved since is in the next table, which is scanned after this one.
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
