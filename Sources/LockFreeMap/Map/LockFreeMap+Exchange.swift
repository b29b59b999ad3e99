public import CLockFree
public import Synchronization

extension LockFreeMap {
    /// The result of the exchange of a word; the entry of a conflict is valid for as long as the thread is pinned.
    @safe @usableFromInline
    enum SlotExchange {
        case exchanged
        case conflict(UnsafeRawPointer)
        case absent
    }

    @inlinable
    func result(of exchange: SlotExchange) -> ExchangeResult<Entry> {
        switch exchange {
        case .exchanged: .exchanged
        case .conflict(let address): unsafe .conflict(retained(address))
        case .absent: .absent
        }
    }

    /// Replaces the expected entry by a word, that of an entry or of a tombstone.
    @inlinable
    func exchange(
        _ key: Entry.Key,
        _ hash: UInt64,
        _ expected: UnsafeRawPointer,
        _ desired: SlotWord,
        _ record: EpochRecord,
        _ point: SchedulingPoint
    ) -> SlotExchange {
        var table = root
        while true {
            switch locate(key, hash, in: table) {
            case .absent:
                return .absent
            case .next:
                break
            case .here(let slot):
                if let result = unsafe exchange(slot, expected, desired, in: table, record, point) { return result }
            }
            table = next(after: table)
        }
    }

    /// Returns the table that a table is migrated to.
    @inlinable
    func next(after table: Table) -> Table {
        guard let migration = migration(of: table) else { preconditionFailure("a frozen table has no next one") }
        return migration.target
    }

    /// Replaces the expected entry in the slot of its key.
    ///
    /// - Returns: The result; `nil` if the slot has moved to the next table.
    @inlinable
    func exchange(
        _ slot: UnsafeMutablePointer<Atomic<UInt64>>,
        _ expected: UnsafeRawPointer,
        _ desired: SlotWord,
        in table: Table,
        _ record: EpochRecord,
        _ point: SchedulingPoint
    ) -> SlotExchange? {
        while true {
            let found = unsafe Table.load(slot)
            guard found.isEntry else { return found.isFrozen ? nil : .absent }
            guard unsafe found.address == expected else { return unsafe .conflict(found.address) }
            if found.isFrozen {
                let target = next(after: table)
                if Entry.Instrumentation.mutation == .markMoved {
                    place(found, in: target, record)
                    return nil
                }
                unsafe move(slot, found, to: target, record)
                continue
            }
            Entry.Instrumentation.reach(point)
            guard unsafe Table.exchange(slot, found, desired).exchanged else { continue }
            unsafe retire(expected, replacedBy: desired, record)
            helpRoot(record)
            return .exchanged
        }
    }

    /// Replaces the entry of a slot by the one that a closure makes of it.
    ///
    /// - Returns: `true` if the entry was replaced, `false` if the key has none or the closure made none; `nil` if the
    ///   slot has moved to the next table.
    @inlinable
    func update(
        _ slot: UnsafeMutablePointer<Atomic<UInt64>>,
        _ key: Entry.Key,
        _ hash: UInt64,
        in table: Table,
        _ record: EpochRecord,
        _ body: (Entry) -> Entry?
    ) -> Bool? {
        while true {
            let found = unsafe Table.load(slot)
            guard found.isEntry else { return found.isFrozen ? nil : false }
            var weights = (old: 0, new: 0)
            let made: Unmanaged<Entry>? = unsafe lend(found.address) { entry in
                guard let new = body(entry) else { return nil }
                precondition(new.key == key, "an entry can only replace one of the same key")
                weights = (entry.weight, new.weight)
                return unsafe Unmanaged.passRetained(new)
            }
            guard let made = unsafe made else { return false }
            let word = unsafe SlotWord(entry: UnsafeRawPointer(made.toOpaque()), hash: hash)
            switch unsafe exchange(slot, found.address, word, in: table, record, .exchange) {
            case .exchanged:
                count(replaced: weights.old, by: weights.new, record)
                return true
            case .conflict:
                unsafe made.release()
            case .absent:
                unsafe made.release()
                return false
            case nil:
                unsafe made.release()
                return nil
            }
        }
    }

    /// The result of a search for a key in one table.
    @safe @usableFromInline
    enum Location {
        /// The key's slot is in this table, with an entry or without one.
        case here(UnsafeMutablePointer<Atomic<UInt64>>)
        /// The key is in no table.
        case absent
        /// The key is not in this table, but may be in the next one.
        case next
    }

    @inlinable
    func locate(_ key: Entry.Key, _ hash: UInt64, in table: Table) -> Location {
        let home = table.home(of: hash)
        var hasMoved = false
        for offset in 0...table.lineMask {
            let line = unsafe table.line(home &+ offset)
            // Safety: the line is the table's, and the caller is pinned.
            var match = unsafe clockfree_match(line, SlotWord.tag(of: hash))
            while match != 0 {
                let slot = unsafe line + match.trailingZeroBitCount &>> 2
                match &= match &- 1
                let word = unsafe Table.load(slot)
                if word.isMoved {
                    hasMoved = true
                } else if word.isEntry {
                    if unsafe entry(at: word.address, has: key) { return unsafe .here(slot) }
                } else if unsafe tombstone(at: word.address, isOf: key) {
                    return word.isFrozen ? .next : .absent
                }
            }
            let last = unsafe Table.load(line + (Table.lineWords - 1))
            if last == .empty { return hasMoved ? .next : .absent }
            if last == .sealed { return .next }
        }
        return hasMoved || table.isMigrating ? .next : .absent
    }
}
