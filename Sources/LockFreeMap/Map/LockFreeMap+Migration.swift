public import CLockFree
public import Synchronization

extension LockFreeMap {
    /// The bytes that the key of a tombstone counts for in limbo.
    @inlinable static var tombstoneBytes: Int { 32 + MemoryLayout<Entry.Key>.stride }

    /// Counts a claimed slot, and begins a migration if the table is three quarters full.
    @inlinable
    func noteClaim(in table: Table, _ record: EpochRecord) {
        let claims = table.noteClaim(by: record)
        // Small tables are checked at each claim, large ones at every 64th claim of a thread.
        guard table.capacity <= 4096 || claims & 63 == 0 else { return }
        if table == root, table.claims * 4 >= table.capacity * 3 { begin(from: table) }
    }

    /// Begins a migration if a smaller table is enough, or more than half of the slots are tombstones.
    @inlinable
    func shrinkIfSparse() {
        let table = root
        guard !table.isMigrating else { return }
        if isSparse(table) || (table.claims - count) * 2 > table.capacity { begin(from: table) }
    }

    /// Returns `true` if a smaller table is enough.
    @inlinable
    func isSparse(_ table: Table) -> Bool { plan(after: table).lines < table.lineMask + 1 }

    /// Retires the key of a tombstone that is not in the map any more.
    @inlinable
    func retire(tombstone address: UnsafeRawPointer, _ record: EpochRecord) {
        counters.add(1, to: .purges, by: record)
        unsafe domain.retire(address, bytes: Self.tombstoneBytes, by: record, Entry.Instrumentation.self)
    }

    /// Begins the migration of the root table, unless it has begun.
    @inlinable
    func begin(from table: Table) {
        guard !table.isMigrating else { return }
        Entry.Instrumentation.reach(.begin)
        table.begin()
        _ = migration(of: table)
    }

    /// Returns the migration of a table, if it has begun; decides on its target if that is still open.
    @inlinable
    func migration(of table: Table) -> Migration? {
        if let migration = table.migration { return migration }
        guard table.isMigrating else { return nil }
        let plan = plan(after: table)
        Entry.Instrumentation.reach(.begin)
        return table.decide(Migration(of: table, to: TableOwner(lines: plan.lines), room: plan.room))
    }

    /// Plans the table after a table: twice its lines, or fewer, or the same number without the tombstones.
    ///
    /// After a migration has begun only threads that looked before still add keys to the table. Each of them may have
    /// one entry that is not counted yet; removals are summed first. So the entries to move are at most those counted
    /// here and one for each thread.
    ///
    /// - Returns: The number of lines, and the number of new keys that they have room for beside the entries to move.
    @inlinable
    func plan(after table: Table) -> (lines: Int, room: Int) {
        let removals = counters.sum(.removals)
        let entries = counters.sum(.insertions) - removals
        let threads = Entry.Instrumentation.mutation == .countThreads ? 0 : domain.threads
        let toMove = Swift.min(table.capacity, entries + threads)
        var lines = table.lineMask + 1
        if entries * 8 > table.capacity * 3 {
            lines *= 2
        } else {
            // At most to a quarter at a time, so that the entries are moved before new keys can fill the rest.
            let fewer = Swift.max(Self.lines(slots: 4 * entries), lines / 4)
            if fewer * 4 <= lines { lines = fewer }
        }
        // At least a quarter is for new keys, which seldom have to wait until all entries are moved.
        while lines * Table.lineWords * 3 < toMove * 4 { lines *= 2 }
        return (lines, lines * Table.lineWords - toMove)
    }

    /// Moves a chunk of the root table, if it is being migrated.
    @inlinable
    func helpRoot(_ record: EpochRecord) {
        let table = root
        if let migration = migration(of: table) { help(migration, from: table, record) }
    }

    /// Moves a chunk of a table; the last chunk ends the migration.
    @inlinable
    func help(_ migration: Migration, from table: Table, _ record: EpochRecord) {
        guard let chunk = migration.claim() else { return }
        moveChunk(chunk, of: table, to: migration.target, record)
        if migration.finish(chunk) { promote(migration.owner, from: table, record) }
    }

    /// Moves all remaining entries, and returns the root table after that.
    @inlinable
    func finishMigration(_ record: EpochRecord) -> Table {
        let table = root
        guard let migration = migration(of: table) else { return table }
        while table == root, !migration.isComplete { help(migration, from: table, record) }
        // The thread of the last chunk may not have promoted the next table yet: it does so, or this thread does.
        promote(migration.owner, from: table, record)
        return root
    }

    /// Makes the next table the root, and retires the old one.
    @inlinable
    func promote(_ target: TableOwner, from table: Table, _ record: EpochRecord) {
        Entry.Instrumentation.reach(.promote)
        let reference = unsafe Unmanaged.passRetained(target)
        let isFirst =
            unsafe rootAddress.compareExchange(
                expected: UInt(bitPattern: table.header),
                desired: UInt(bitPattern: target.table.header),
                ordering: .sequentiallyConsistent
            )
            .exchanged
        guard isFirst else {
            unsafe reference.release()
            return
        }
        target.preferLargePages()
        let old = unsafe Unmanaged.passUnretained(table.header.pointee.owner).toOpaque()
        unsafe domain.retire(old, bytes: table.bytes, by: record, Entry.Instrumentation.self)
    }

    @inlinable
    func moveChunk(_ chunk: Int, of table: Table, to target: Table, _ record: EpochRecord) {
        let first = chunk * Migration.chunkLines
        // The entries' keys are needed: prefetch their lines all at once.
        for index in first..<first + Migration.chunkLines {
            let line = unsafe table.line(index)
            for slot in 0..<Table.lineWords {
                let word = unsafe Table.load(line + slot)
                if word.tag != 0, word.isEntry { unsafe clockfree_prefetch(word.address) }
            }
        }
        for index in first..<first + Migration.chunkLines { unsafe moveLine(table.line(index), to: target, record) }
    }

    @inlinable
    func moveLine(
        _ line: UnsafeMutablePointer<Atomic<UInt64>>,
        to target: Table,
        _ record: EpochRecord
    ) {
        if Entry.Instrumentation.mutation != .seal { unsafe seal(line) }
        for index in 0..<Table.lineWords {
            let slot = unsafe line + index
            var word = unsafe freeze(slot)
            while !word.isMoved, word.tag != 0 {
                if word.isEntry {
                    unsafe move(slot, word, to: target, record)
                } else {
                    unsafe forget(slot, word, record)
                }
                word = unsafe Table.load(slot)
            }
        }
    }

    /// Closes the empty slots of a line to claims, from the last to the first.
    ///
    /// Because of that order a sealed last slot tells readers that each slot of the line which is not sealed is
    /// claimed, or was still empty when the line was read.
    @inlinable
    func seal(_ line: UnsafeMutablePointer<Atomic<UInt64>>) {
        for index in (0..<Table.lineWords).reversed() {
            let slot = unsafe line + index
            guard unsafe Table.load(slot) == .empty else { continue }
            Entry.Instrumentation.reach(.freeze)
            _ = unsafe Table.exchange(slot, .empty, .sealed)
        }
    }

    /// Freezes a slot, and returns its word after that.
    @inlinable
    func freeze(_ slot: UnsafeMutablePointer<Atomic<UInt64>>) -> SlotWord {
        while true {
            let word = unsafe Table.load(slot)
            if word.isFrozen || word == .empty { return word }
            if Entry.Instrumentation.mutation == .freeze { return word }
            Entry.Instrumentation.reach(.freeze)
            if unsafe Table.exchange(slot, word, word.frozen).exchanged { return word.frozen }
        }
    }

    /// Places a frozen entry in the next table and marks its slot moved.
    @inlinable
    func move(
        _ slot: UnsafeMutablePointer<Atomic<UInt64>>,
        _ word: SlotWord,
        to target: Table,
        _ record: EpochRecord
    ) {
        let hash = place(word, in: target, record)
        Entry.Instrumentation.reach(.move)
        _ = unsafe Table.exchange(slot, word, .moved(hash))
    }

    /// Marks a frozen tombstone moved: the next table begins without it.
    @inlinable
    func forget(
        _ slot: UnsafeMutablePointer<Atomic<UInt64>>,
        _ word: SlotWord,
        _ record: EpochRecord
    ) {
        // Safety: the word was a tombstone, and the caller is pinned.
        let hash = unsafe Unmanaged<TombstoneKey<Entry.Key>>.fromOpaque(word.address)
            ._withUnsafeGuaranteedRef { self.hash($0.key) }
        Entry.Instrumentation.reach(.move)
        guard unsafe Table.exchange(slot, word, .moved(hash)).exchanged else { return }
        unsafe retire(tombstone: word.address, record)
        // A migration retires many tombstone keys and allocates little that could use their memory.
        clockfree_note_released(1)
    }

    /// Puts a frozen entry into the first empty slot of its search in the next table, unless its key is there already.
    ///
    /// A delayed helper may come after the entry was placed, replaced, removed or moved on. Then it finds the key's
    /// slot, or a table that is itself frozen, and changes nothing.
    ///
    /// - Returns: The hash of the entry's key.
    @discardableResult
    @inlinable
    func place(_ word: SlotWord, in target: Table, _ record: EpochRecord) -> UInt64 {
        let address = unsafe word.address
        // Safety: the entry was in a slot when the word was loaded, and the caller has been pinned since.
        let entry = unsafe Unmanaged<Entry>.fromOpaque(address)
        let key = unsafe entry._withUnsafeGuaranteedRef { $0.key }
        let hash = hash(key)
        let live = unsafe SlotWord(entry: address, hash: hash)
        let home = target.home(of: hash)
        for offset in 0...target.lineMask {
            let line = unsafe target.line(home &+ offset)
            var index = 0
            while index < Table.lineWords {
                let slot = unsafe line + index
                let found = unsafe Table.load(slot)
                if found == .empty {
                    Entry.Instrumentation.reach(.place)
                    if unsafe Table.exchange(slot, .empty, live).exchanged {
                        target.noteClaim(by: record)
                        return hash
                    }
                    continue
                }
                if found == .sealed || found.isFrozen { return hash }
                if found.tag == live.tag, unsafe isSettled(found, address, key) { return hash }
                index &+= 1
            }
        }
        preconditionFailure("the next table has no room")
    }

    /// Returns `true` if a word of the next table shows that an entry has been placed already.
    @inlinable
    func isSettled(_ found: SlotWord, _ address: UnsafeRawPointer, _ key: Entry.Key) -> Bool {
        if found.isEntry { return unsafe found.address == address || entry(at: found.address, has: key) }
        if Entry.Instrumentation.mutation == .tombstoneBarsHelper { return false }
        return unsafe tombstone(at: found.address, isOf: key)
    }
}

extension LockFreeMap {
    /// Migrates the table, whatever its load: for tests, and to purge tombstones early.
    ///
    /// - Complexity: O(*n*).
    @inlinable
    public func migrate() {
        let record = pin()
        defer { finish(record) }
        begin(from: root)
        _ = finishMigration(record)
    }

    /// Frees the memory that removals have left.
    ///
    /// Finishes a migration that has begun, shrinks the table to its entries, purges tombstones if they take more than
    /// an eighth of the slots, and releases the objects in limbo. Writers do all of this gradually; a map without
    /// writers keeps what the last writer had not done yet. Other threads may use the map meanwhile. The allocator may
    /// keep the released memory for later use.
    ///
    /// - Complexity: O(*n*) if the table is migrated, else O(1); and O(*m*) in the number of objects in limbo.
    public func flush() {
        // Each round leaves at least a quarter of the lines; other writers may keep the table from becoming small.
        for _ in 0..<32 {
            let record = pin()
            let table = root
            let isLittered = tombstoneCount * 8 > table.capacity
            let isDue = table.isMigrating || isLittered || isSparse(table)
            unpin(record)
            guard isDue else { break }
            migrate()
        }
        domain.flush()
    }
}
