public import Synchronization

/// A table of a map, with its migration to the next one: the address of both.
///
/// It is not an object, so that no use of a table counts references: writers would contend for the count, and readers
/// would wait for its cache line. A pin keeps a table that was found alive, and ``TableOwner`` owns its memory.
@safe @usableFromInline
struct Table: Equatable, Sendable {
    /// The memory at a table's address.
    @safe @usableFromInline
    struct Header: ~Copyable {
        /// The lines.
        @usableFromInline let lines: Lines
        /// The address of the ``Migration`` to the next table, which this one owns; 0 for none, 1 until it is decided.
        @usableFromInline let migrationAddress = Atomic<UInt>(0)
        /// Counters of claimed slots.
        @usableFromInline let stripes = Stripes(owners: 15, width: 8)
        /// The object whose release frees the table.
        @usableFromInline unowned(unsafe) let owner: TableOwner

        init(lines: Lines, owner: TableOwner) {
            self.lines = lines
            unsafe self.owner = owner
        }
    }

    // Safety: initialised for as long as the owner lives, and never changed but for its atomics.
    @usableFromInline nonisolated(unsafe) let header: UnsafeMutablePointer<Header>

    @inlinable @inline(__always)
    init(header: UnsafeMutablePointer<Header>) { unsafe self.header = unsafe header }

    @inlinable @inline(__always)
    static func == (left: Table, right: Table) -> Bool { unsafe left.header == right.header }

    /// The words of a line.
    @usableFromInline static var lineWords: Int { 8 }

    @inlinable @inline(__always)
    var lines: Lines { unsafe header.pointee.lines }

    @inlinable @inline(__always)
    var stripes: Stripes { unsafe header.pointee.stripes }
}

extension Table {
    /// The number of slots.
    @inlinable var capacity: Int { (lineMask + 1) * Self.lineWords }

    /// The memory of the slots, in bytes.
    @inlinable var bytes: Int { capacity * MemoryLayout<UInt64>.stride }

    /// Counts a claimed slot, and returns the count of the thread's stripe.
    @inlinable @discardableResult
    func noteClaim(by record: EpochRecord) -> Int { stripes.add(1, to: 0, by: record) }

    /// The number of slots that were claimed.
    @usableFromInline var claims: Int { stripes.sum(0) }

    /// One less than the number of lines.
    @inlinable var lineMask: Int { lines.mask }

    /// Returns the line in which the search for a key begins.
    @inlinable @inline(__always)
    func home(of hash: UInt64) -> Int { lines.home(of: hash) }

    /// Returns the first word of a line.
    @inlinable @inline(__always)
    func line(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> { unsafe lines[index] }

    /// Loads a word.
    ///
    /// Sequentially consistent: a reader that announced its epoch before either sees that an entry is gone, or is seen
    /// by the thread that is to release it.
    @inlinable @inline(__always)
    static func load(_ slot: UnsafeMutablePointer<Atomic<UInt64>>) -> SlotWord {
        // Safety: the slot is one of a table's.
        unsafe SlotWord(bits: slot.pointee.load(ordering: .sequentiallyConsistent))
    }

    /// Exchanges a word if it still has the expected value.
    ///
    /// - Returns: `true` if it was exchanged, and the word that was found.
    @inlinable @inline(__always)
    static func exchange(
        _ slot: UnsafeMutablePointer<Atomic<UInt64>>,
        _ expected: SlotWord,
        _ desired: SlotWord
    ) -> (exchanged: Bool, original: SlotWord) {
        // Safety: the slot is one of a table's.
        let (exchanged, original) = unsafe slot.pointee.compareExchange(
            expected: expected.bits,
            desired: desired.bits,
            ordering: .sequentiallyConsistent
        )
        return (exchanged, SlotWord(bits: original))
    }

    /// The migration of this table, if it has begun and its target is decided.
    @inlinable
    var migration: Migration? {
        let address = unsafe header.pointee.migrationAddress.load(ordering: .acquiring)
        guard address > Self.undecided else { return nil }
        // Safety: the table owns its migration, for as long as it lives itself.
        return unsafe Unmanaged<Migration>.fromOpaque(UnsafeRawPointer(bitPattern: address)!).takeUnretainedValue()
    }

    /// The value of the migration's address between the beginning of the migration and the decision on its target.
    @inlinable static var undecided: UInt { 1 }

    /// `true` if a migration has begun.
    @inlinable
    var isMigrating: Bool { unsafe header.pointee.migrationAddress.load(ordering: .sequentiallyConsistent) != 0 }

    /// Begins a migration, unless one has begun: from now on, new keys go to the next table.
    @usableFromInline
    func begin() {
        _ = unsafe header.pointee.migrationAddress.compareExchange(
            expected: 0,
            desired: Self.undecided,
            ordering: .sequentiallyConsistent
        )
    }

    /// Decides on the target of a migration that has begun, unless another thread did; returns the one decided on.
    @usableFromInline
    func decide(_ migration: Migration) -> Migration {
        let reference = unsafe Unmanaged.passRetained(migration)
        let (exchanged, _) = unsafe header.pointee.migrationAddress.compareExchange(
            expected: Self.undecided,
            desired: UInt(bitPattern: reference.toOpaque()),
            ordering: .sequentiallyConsistent
        )
        guard !exchanged else { return migration }
        unsafe reference.release()
        return self.migration!
    }
}
