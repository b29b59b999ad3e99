public import Synchronization

/// A concurrent hash map from keys to objects that carry their keys: lock-free for writers, wait-free for readers.
///
/// ## Algorithm
///
/// A table is an array of words in lines of eight (64 bytes). A word is an entry's address with 16 bits of its key's
/// hash on top, the *tag* (`SlotWord`). The search for a key begins at the line that the topmost bits of its hash name.
/// It continues, line by line, until it meets the key or a line whose last slot is empty. A read compares the eight
/// tags of a line in a few instructions, loads the word with the matching tag again, and compares the key in the entry:
/// two dependent cache lines.
///
/// Every change is one compare-and-exchange of one word:
///
/// | operation | change | linearization |
/// |---|---|---|
/// | insert | empty → entry, in the first empty slot of the search; or tombstone of the key → entry | the exchange |
/// | replace | entry → entry | the exchange |
/// | remove | entry → tombstone, which keeps the key | the exchange |
/// | read | – | the load of the key's word, or of the first empty or sealed slot of its search |
///
/// A table that fills up, holds too many tombstones or has become too large is **migrated** to another one. During a
/// migration each writer takes a chunk of four lines. It *freezes* the slots (an empty one is *sealed*, from the last
/// slot of a line to the first), *places* each entry in the next table, and marks its slot *moved*. Tombstones are not
/// placed, so a migration purges them. A writer that meets a frozen entry of its key first places it and marks it
/// moved, then continues in the next table. When all chunks are done, the next table becomes the root, and the old one
/// is retired.
///
/// ## Invariants
///
/// 1. A slot that was claimed for a key stays that key's for as long as its table lives; slots of a line are claimed in
///    order. So two inserts of one key meet at one word, and the insert that loses looks at that word again.
/// 2. A frozen word changes at most once more, to *moved*. So a helper, however late, places the entry that was there
///    when the slot was frozen, and only in an empty slot. If the next table has the key in any form, it has been
///    placed already.
/// 3. No operation changes a key in the next table before its slot in this one is *moved* or a frozen tombstone, or its
///    search here ends at a sealed slot. So an entry that is found in a frozen slot is the key's present one, and an
///    entry is reachable from one authoritative word at a time.
/// 4. The thread whose exchange took an entry out retires it; no other thread does.
/// 5. The next table has room for the entries that are still to be moved. Its size is decided after the migration has
///    begun: twice the size of this one, or enough for the entries that were counted and one more for each thread,
///    which may have looked before the migration began. Until all entries are moved it admits no more new keys than it
///    has room for beside these. A thread whose key is not admitted moves the remaining entries, then continues.
///
/// ## Progress
///
/// - `withValue`, `get`: wait-free between migrations; a read looks at one more table for each migration that overtakes
///   it. A read never helps, allocates or writes to memory that other threads read, except for its own announcement.
/// - `insert`, `compareExchange`, `remove`: lock-free. A writer moves at most one chunk of a migration that makes
///   progress, and finishes a migration that has stalled.
/// - `scan`: lock-free; each page passes over the tables that a migration has at that moment.
///
/// ## Not promised
///
/// - A scan is not a snapshot. It returns each entry that is in the map throughout; it may or may not return one that
///   is inserted or removed meanwhile.
/// - ``count`` and ``weight`` are sums of counters, exact if no thread writes.
/// - Keys whose hashes agree in all 64 bits are searched one after the other. Memory stays bounded (a table grows by
///   its load, never by the length of a search), time does not. The seed is secret, so that an attacker cannot craft
///   such keys.
/// - Addresses need 48 bits; entries lie on boundaries of 16 bytes, as all objects do.
///
/// Sources: C. Click, *A lock-free hash table*, 2007 (slots that stay a key's for ever, migration by all writers);
/// C. Purcell, T. Harris, *Non-blocking hashtables with open addressing*, 2005; K. Fraser, *Practical lock-freedom*,
/// 2004 (epochs); A. Prokopec et al., *Concurrent tries with efficient non-blocking snapshots*, 2012 (freezing before
/// copying).
public final class LockFreeMap<Entry: MapEntry>: Sendable {
    /// The domain that releases the entries that were taken out.
    public let domain: EpochDomain
    /// The secret of this map's hashes.
    @usableFromInline let seed: HashSeed
    /// The address of the root: the table that every operation starts from, which the map owns.
    @usableFromInline let rootAddress: Atomic<UInt>
    /// Counters of entries and bytes.
    @usableFromInline let counters = MapCounters()

    /// Makes an empty map.
    ///
    /// - Parameters:
    ///   - minimumCapacity: The number of entries that the map has room for before it grows.
    ///   - domain: The domain that releases the entries that were taken out.
    ///   - seed: The secret of the hashes; tests pass a known one to craft collisions.
    /// - Complexity: O(`minimumCapacity`).
    public init(minimumCapacity: Int = 0, domain: EpochDomain = .shared, seed: HashSeed = .process) {
        self.domain = domain
        self.seed = seed
        let owner = TableOwner(lines: Self.lines(slots: minimumCapacity * 4 / 3))
        owner.preferLargePages()
        _ = unsafe Unmanaged.passRetained(owner)
        rootAddress = unsafe Atomic(UInt(bitPattern: owner.table.header))
    }

    deinit {
        // No other thread has the map any more. A migration that was begun may have left entries in two tables.
        let root = root
        var tables = [root]
        while let migration = tables.last!.migration { tables.append(migration.target) }
        for table in tables {
            for slot in 0..<table.capacity {
                // Safety: the index is within the table.
                let word = unsafe Table.load(table.lines.words + slot)
                guard word.tag != 0, !word.isMoved else { continue }
                if word.isEntry, word.isFrozen, isPlaced(word, after: table) { continue }
                // Safety: the map owns one reference to each of its entries and tombstone keys.
                unsafe Unmanaged<AnyObject>.fromOpaque(word.address).release()
            }
        }
        counters.stripes.deallocate()
        unsafe Unmanaged.passUnretained(root.header.pointee.owner).release()
    }

    /// The number of entries.
    ///
    /// Exact if no thread writes; O(1).
    public var count: Int { counters.sum(.insertions) - counters.sum(.removals) }

    /// The sum of the entries' weights, in bytes.
    ///
    /// Exact if no thread writes; O(1).
    public var weight: Int { counters.sum(.bytesIn) - counters.sum(.bytesOut) }

    /// The number of tombstones: removed keys whose slots have not been purged yet.
    ///
    /// Each takes 32 bytes and its key, beside its slot. Exact if no thread writes; O(1).
    public var tombstoneCount: Int { counters.sum(.removals) - counters.sum(.purges) }

    /// `true` while entries are being moved to another table.
    public var isMigrating: Bool {
        let record = pin()
        defer { unpin(record) }
        return root.isMigrating
    }

    /// The number of slots of the table.
    public var capacity: Int { root.capacity }

    /// The memory of the table, in bytes, beside the entries.
    public var tableBytes: Int { root.bytes }
}

extension LockFreeMap {
    /// The table that every operation starts from; valid while the calling thread is pinned.
    @inlinable @inline(__always)
    var root: Table {
        let address = rootAddress.load(ordering: .sequentiallyConsistent)
        // Safety: the map owns its root, and retires it after it has another one; the caller is pinned.
        return unsafe Table(header: UnsafeMutablePointer(bitPattern: address).unsafelyUnwrapped)
    }

    /// Returns the hash of a key; its lowest bit is set, so that a tag is never zero.
    @inlinable @inline(__always)
    func hash(_ key: Entry.Key) -> UInt64 { key.hash(seed) | 1 }

    /// Returns the number of lines that hold *n* slots: a power of two.
    @inlinable
    static func lines(slots: Int) -> Int {
        var lines = 4
        while lines * Table.lineWords < slots { lines *= 2 }
        return lines
    }

    /// Lends the entry at an address to a closure.
    @inlinable @inline(__always)
    func lend<Result, Failure: Error>(
        _ address: UnsafeRawPointer,
        _ body: (Entry) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Safety: the address came from a slot, and the caller has been pinned since.
        let result = unsafe Unmanaged<Entry>.fromOpaque(address)
            ._withUnsafeGuaranteedRef {
                entry -> Swift.Result<Result, Failure> in
                do throws(Failure) { return .success(try body(entry)) } catch { return .failure(error) }
            }
        return try result.get()
    }

    /// Returns `true` if the entry at an address has a key.
    @inlinable @inline(__always)
    func entry(at address: UnsafeRawPointer, has key: Entry.Key) -> Bool {
        // Safety: as above.
        unsafe Unmanaged<Entry>.fromOpaque(address)._withUnsafeGuaranteedRef { $0.key == key }
    }

    /// Returns the hash of the entry at an address.
    @inlinable
    func hashOfEntry(at address: UnsafeRawPointer) -> UInt64 {
        // Safety: as above.
        unsafe Unmanaged<Entry>.fromOpaque(address)._withUnsafeGuaranteedRef { hash($0.key) }
    }

    /// Returns `true` if the tombstone key at an address equals a key.
    @inlinable
    func tombstone(at address: UnsafeRawPointer, isOf key: Entry.Key) -> Bool {
        // Safety: as above.
        unsafe Unmanaged<TombstoneKey<Entry.Key>>.fromOpaque(address)._withUnsafeGuaranteedRef { $0.key == key }
    }

    /// Returns `true` if a frozen entry is in the next table too.
    @inlinable
    func isPlaced(_ word: SlotWord, after table: Table) -> Bool {
        guard let target = table.migration?.target else { return false }
        // Safety: the map still owns its entries.
        let hash = unsafe hashOfEntry(at: word.address)
        for offset in 0...target.lineMask {
            let line = unsafe target.line(target.home(of: hash) + offset)
            for slot in 0..<Table.lineWords {
                let other = unsafe Table.load(line + slot)
                if other == .empty || other == .sealed { return false }
                if other.tag == word.tag, other.isEntry, unsafe other.address == word.address { return true }
            }
        }
        return false
    }
}
