public import CLockFree
public import Synchronization

extension LockFreeMap {
    /// What a grave counts for in limbo, in bytes.
    @inlinable static var tombstoneBytes: Int { 32 + MemoryLayout<Entry.Key>.stride }

    /// Notes that a slot was claimed, and begins a migration where the table is three quarters full.
    @inlinable
    func noteClaim(in table: Table, _ record: EpochRecord) {
        let claims = table.noteClaim(by: record)
        // Small tables are looked at each time, large ones at every 64th claim of a thread.
        guard table.capacity <= 4096 || claims & 63 == 0 else { return }
        if table == root, table.claims * 4 >= table.capacity * 3 { begin(from: table) }
    }

    /// Begins a migration where a smaller table is enough, or more than half of the slots are tombstones.
    @inlinable
    func shrinkIfSparse() {
        let table = root
        guard !table.isMigrating else { return }
        if isSparse(table) || (table.claims - count) * 2 > table.capacity { begin(from: table) }
    }

    /// `true` where a smaller table is enough.
    @inlinable
    func isSparse(_ table: Table) -> Bool { plan(after: table).lines < table.lineMask + 1 }

    /// Hands over the grave of a tombstone that is not there any more.
    @inlinable
    func retire(tombstone address: UnsafeRawPointer, _ record: EpochRecord) {
        counters.add(1, to: .purges, by: record)
        unsafe domain.retire(address, bytes: Self.tombstoneBytes, by: record, Entry.Instrumentation.self)
    }

    /// Begins the migration of the table that operations start from, unless one has begun.
    @inlinable
    func begin(from table: Table) {
        guard !table.isMigrating else { return }
        Entry.Instrumentation.reach(.begin)
        table.begin()
        _ = migration(of: table)
    }

    /// The migration of a table; decides on its target where that is still to be done.
    @inlinable
    func migration(of table: Table) -> Migration? {
        if let migration = table.migration { return migration }
        guard table.isMigrating else { return nil }
        let plan = plan(after: table)
        Entry.Instrumentation.reach(.begin)
        return table.decide(Migration(of: table, to: TableOwner(lines: plan.lines), room: plan.room))
    }

    /// The number of lines of the table after one, twice as many, or fewer, or as many and no tombstones; and the number
    /// of new keys that there is room for beside the entries to move.
    ///
    /// Once a migration has begun no key is new to the table, but for those of threads that looked before. Each of them
    /// may have an entry that is not counted yet; removals are counted first. So the entries to move are at most those
    /// counted here and one for each thread.
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
            // By a quarter at a time, so that the entries are moved before new keys can fill what is left.
            let fewer = Swift.max(Self.lines(slots: 4 * entries), lines / 4)
            if fewer * 4 <= lines { lines = fewer }
        }
        // A quarter at least is for new keys: they seldom have to wait until all is moved.
        while lines * Table.lineWords * 3 < toMove * 4 { lines *= 2 }
        return (lines, lines * Table.lineWords - toMove)
    }

    /// Moves a chunk of the table that operations start from, where it is being migrated.
    @inlinable
    func helpRoot(_ record: EpochRecord) {
        let table = root
        if let migration = migration(of: table) { help(migration, from: table, record) }
    }

    /// Moves a chunk of a table, and ends the migration with the last one.
    @inlinable
    func help(_ migration: Migration, from table: Table, _ record: EpochRecord) {
        guard let chunk = migration.claim() else { return }
        moveChunk(chunk, of: table, to: migration.target, record)
        if migration.finish(chunk) { promote(migration.owner, from: table, record) }
    }

    /// Moves all that is left to move, and returns the table that operations start from then.
    @inlinable
    func finishMigration(_ record: EpochRecord) -> Table {
        let table = root
        guard let migration = migration(of: table) else { return table }
        while table == root, !migration.isComplete { help(migration, from: table, record) }
        // The last chunk's thread has yet to promote the next table: it does so, or this thread does.
        promote(migration.owner, from: table, record)
        return root
    }

    /// Makes the next table the one that operations start from, and retires the old one.
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
        // The entries' keys are needed: ask for their lines all at once.
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
    /// In that order a sealed last slot tells readers that all slots of the line that are not sealed are claimed, or
    /// were still empty when the line was looked at.
    @inlinable
    func seal(_ line: UnsafeMutablePointer<Atomic<UInt64>>) {
        for index in (0..<Table.lineWords).reversed() {
            let slot = unsafe line + index
            guard unsafe Table.load(slot) == .empty else { continue }
            Entry.Instrumentation.reach(.freeze)
            _ = unsafe Table.exchange(slot, .empty, .sealed)
        }
    }

    /// Freezes a slot, and returns the word that is in it then.
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
        // A migration retires many graves and allocates little that their memory would be used for.
        clockfree_note_released(1)
    }

    /// Puts a frozen entry into the first empty slot of its search in the next table, unless its key is there already.
    ///
    /// A helper that was held may come when the entry has long been placed, replaced, removed, or moved on: then it finds
    /// the key's slot, or a table that is itself frozen, and leaves it alone.
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

    /// Whether a word of the next table shows that an entry has been placed before.
    @inlinable
    func isSettled(_ found: SlotWord, _ address: UnsafeRawPointer, _ key: Entry.Key) -> Bool {
        if found.isEntry { return unsafe found.address == address || entry(at: found.address, has: key) }
        if Entry.Instrumentation.mutation == .tombstoneBarsHelper { return false }
        return unsafe tombstone(at: found.address, isOf: key)
    }
}

extension LockFreeMap {
    /// Has the table migrated, whatever its load: for tests, and to purge tombstones ahead of time.
    ///
    /// - Complexity: O(*n*).
    @inlinable
    public func migrate() {
        let record = pin()
        defer { finish(record) }
        begin(from: root)
        _ = finishMigration(record)
    }

    /// Gives back the memory that removals have left: finishes a migration that has begun, shrinks the table to what it
    /// holds, purges tombstones if they take more than an eighth of the slots, and releases what waits in limbo.
    ///
    /// Writers do all of this by and by; a map whose last writer has left keeps what that writer had not done yet. Other
    /// threads may go on meanwhile. The allocator may keep what was released for later use.
    ///
    /// - Complexity: O(*n*) where the table is migrated, else O(1); and O(*m*) in what waits in limbo.
    public func flush() {
        // Each round leaves a quarter of the lines at least; other writers may keep the table from becoming small.
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
