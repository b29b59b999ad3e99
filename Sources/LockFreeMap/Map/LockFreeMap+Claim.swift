public import Synchronization

extension LockFreeMap {
    /// Puts a new entry into a slot, or returns the address of the entry that the key has already.
    @inlinable
    func claim(
        _ word: SlotWord,
        _ key: Entry.Key,
        _ hash: UInt64,
        _ record: EpochRecord
    ) -> UnsafeRawPointer? {
        var table = root
        while true {
            if let migration = migration(of: table) { help(migration, from: table, record) }
            switch claim(word, key, hash, in: table) {
            case .claimed:
                noteClaim(in: table, record)
                return nil
            case .revived(let tombstone):
                unsafe retire(tombstone: tombstone, record)
                return nil
            case .taken(let address):
                return unsafe address
            case .next:
                table = admit(from: table, record)
            case .full:
                if table == root { begin(from: table) }
                table = finishMigration(record)
            }
        }
    }

    /// Returns the next table if it admits one more new key; moves all remaining entries first if it does not.
    @inlinable
    func admit(from table: Table, _ record: EpochRecord) -> Table {
        guard let migration = migration(of: table) else { preconditionFailure("a frozen table has no next one") }
        let isAdmitted = Entry.Instrumentation.mutation == .admission || migration.isComplete || migration.admit()
        if isAdmitted { return migration.target }
        return finishMigration(record)
    }

    /// The result of a search for a slot in one table.
    @safe @usableFromInline
    enum Claim {
        /// The entry is in a slot that was empty.
        case claimed
        /// The entry has replaced its key's tombstone, whose key has to be retired.
        case revived(UnsafeRawPointer)
        /// The key has an entry.
        case taken(UnsafeRawPointer)
        /// The key belongs to the next table.
        case next
        /// The table has neither the key nor an empty slot.
        case full
    }

    @inlinable
    func claim(_ word: SlotWord, _ key: Entry.Key, _ hash: UInt64, in table: Table) -> Claim {
        let home = table.home(of: hash)
        for offset in 0...table.lineMask {
            let line = unsafe table.line(home &+ offset)
            var index = 0
            while index < Table.lineWords {
                let slot = unsafe line + index
                let found = unsafe Table.load(slot)
                switch found {
                case .sealed:
                    return .next
                case .empty:
                    // During a migration new keys go to the next table.
                    if table.isMigrating, Entry.Instrumentation.mutation != .seal {
                        unsafe seal(line)
                        continue
                    }
                    Entry.Instrumentation.reach(.claim)
                    if unsafe Table.exchange(slot, .empty, word).exchanged { return .claimed }
                    // Another thread claimed the slot, maybe with the same key: look at the slot again.
                    if Entry.Instrumentation.mutation == .recheckClaimedSlot { index &+= 1 }
                    continue
                default:
                    break
                }
                if found.tag == SlotWord.tag(of: hash) {
                    if found.isEntry {
                        let address = unsafe found.address
                        if unsafe entry(at: address, has: key) { return unsafe .taken(address) }
                    } else if found.isTombstone, unsafe tombstone(at: found.address, isOf: key) {
                        if unsafe revive(slot, found, word, in: table) { return unsafe .revived(found.address) }
                        if unsafe !Table.load(slot).isFrozen { continue }
                        return .next
                    }
                }
                index &+= 1
            }
        }
        return .full
    }

    /// Replaces a tombstone by an entry of its key, or freezes it if the table is being migrated.
    ///
    /// A frozen tombstone needs no mark that it has moved: it is never placed, so that the next table decides.
    ///
    /// - Returns: `true` if the entry is in the slot.
    @inlinable
    func revive(
        _ slot: UnsafeMutablePointer<Atomic<UInt64>>,
        _ found: SlotWord,
        _ word: SlotWord,
        in table: Table
    ) -> Bool {
        if found.isFrozen { return false }
        if table.isMigrating {
            Entry.Instrumentation.reach(.freeze)
            _ = unsafe Table.exchange(slot, found, found.frozen)
            return false
        }
        Entry.Instrumentation.reach(.exchange)
        return unsafe Table.exchange(slot, found, word).exchanged
    }
}
