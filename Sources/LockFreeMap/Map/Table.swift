public import Synchronization

/// A table of a map, and the way to the next one: the address of both.
///
/// Not an object, so that no use of a table counts references: threads that write would fight over the count, and those
/// that read would wait for its line. A pin keeps a table that was found, and ``TableOwner`` keeps its memory.
@safe @usableFromInline
struct Table: Equatable, Sendable {
    /// What lies at a table's address.
    @safe @usableFromInline
    struct Header: ~Copyable {
        /// The lines.
        @usableFromInline let lines: Lines
        /// The address of the ``Migration`` to the next table, which this one owns; 0 for none, 1 until it is decided.
        @usableFromInline let migrationAddress = Atomic<UInt>(0)
        /// Counts the slots that were claimed.
        @usableFromInline let stripes = Stripes(owners: 15, width: 8)
        /// What ends the table when it is released.
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
    /// How many slots there are.
    @inlinable var capacity: Int { (lineMask + 1) * Self.lineWords }

    /// The memory of the slots, in bytes.
    @inlinable var bytes: Int { capacity * MemoryLayout<UInt64>.stride }

    /// Counts a slot that was claimed, and returns how many the thread's stripe has.
    @inlinable @discardableResult
    func noteClaim(by record: EpochRecord) -> Int { stripes.add(1, to: 0, by: record) }

    /// How many slots were claimed.
    @usableFromInline var claims: Int { stripes.sum(0) }

    /// One less than the number of lines.
    @inlinable var lineMask: Int { lines.mask }

    /// The line where the search for a key begins.
    @inlinable @inline(__always)
    func home(of hash: UInt64) -> Int { lines.home(of: hash) }

    /// The first word of a line.
    @inlinable @inline(__always)
    func line(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> { unsafe lines[index] }

    /// Loads a word.
    ///
    /// Sequentially consistent, so that a reader who announced its epoch before either sees that an entry is gone or is
    /// seen by whoever wants to free it.
    @inlinable @inline(__always)
    static func load(_ slot: UnsafeMutablePointer<Atomic<UInt64>>) -> SlotWord {
        // Safety: the slot is one of a table's.
        unsafe SlotWord(bits: slot.pointee.load(ordering: .sequentiallyConsistent))
    }

    /// Changes a word, if it is still what it was; else returns what it is.
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

    /// Stands in the place of a migration's address from its beginning until its target is decided.
    @inlinable static var undecided: UInt { 1 }

    /// Whether a migration has begun.
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

    /// Decides where a migration that has begun goes to, unless that is decided; returns what was decided.
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
