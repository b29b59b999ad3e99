internal import CLockFree
public import Synchronization

/// The slots of a map: lines of eight words, as many as a power of two.
///
/// A key's home line is the topmost bits of its hash; from there on, lines are looked at one after the other, around the
/// end. Within a line slots are claimed from the first to the last.
@safe @usableFromInline
struct Lines: Sendable {
    // Safety: initialised for all lines, for as long as the table lives.
    @usableFromInline nonisolated(unsafe) let words: UnsafeMutablePointer<Atomic<UInt64>>
    /// By how many bits a hash is moved to the right to give a line.
    @usableFromInline let shift: UInt64
    /// One less than the number of lines.
    @usableFromInline let mask: Int

    /// The first word of a line.
    @inlinable @inline(__always)
    subscript(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        // Safety: the mask keeps the index within the lines.
        unsafe words + (index & mask) &* Table.lineWords
    }

    /// The line where the search for a key begins.
    @inlinable @inline(__always)
    func home(of hash: UInt64) -> Int { Int(truncatingIfNeeded: hash &>> shift) }
}

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

        fileprivate init(lines: Lines, owner: TableOwner) {
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

/// The memory of a table.
@safe @usableFromInline
final class TableOwner: Sendable {
    // Safety: allocated by `init`, freed by `deinit`, when no thread that is pinned can hold the table.
    private nonisolated(unsafe) let header = UnsafeMutablePointer<Table.Header>.allocate(capacity: 1)

    /// Makes an empty table.
    ///
    /// - Parameter lines: How many lines, a power of two from 4 on.
    @usableFromInline
    init(lines: Int) {
        precondition(lines >= 4 && lines & (lines - 1) == 0, "the number of lines is no power of two")
        let count = lines * Table.lineWords
        guard let memory = unsafe clockfree_allocate(count * MemoryLayout<UInt64>.stride) else {
            fatalError("no memory for a table of \(count) slots")
        }
        // Safety: zeroed memory is that many atomics of zero.
        let words = unsafe memory.bindMemory(to: Atomic<UInt64>.self, capacity: count)
        let shift = UInt64(64 - lines.trailingZeroBitCount)
        unsafe header.initialize(
            to: Table.Header(lines: Lines(words: words, shift: shift, mask: lines - 1), owner: self)
        )
    }

    deinit {
        let table = table
        if let migration = table.migration { unsafe Unmanaged.passUnretained(migration).release() }
        unsafe clockfree_free(table.lines.words, table.bytes)
        table.stripes.deallocate()
        unsafe header.deinitialize(count: 1)
        unsafe header.deallocate()
    }

    /// The table.
    @usableFromInline var table: Table { unsafe Table(header: header) }

    /// Asks for large pages, where they are worth it: for a table whose pages have mostly been touched, so that no writer
    /// waits for the first touch of one.
    @usableFromInline
    func preferLargePages() { unsafe clockfree_prefer_large_pages(table.lines.words, table.bytes) }
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

/// The way of a table's entries to the next table, by whoever comes along.
@safe @usableFromInline
final class Migration: Sendable {
    /// How many lines a thread moves at a time.
    @inlinable static var chunkLines: Int { 4 }

    /// Keeps the memory of the table where the entries go.
    @usableFromInline let owner: TableOwner
    let chunks: Int
    /// The number of new keys that the next table has room for beside the entries to move.
    private let room: Int
    /// The number of new keys that asked for room.
    private let admissions = Atomic<Int>(0)
    /// The next chunk that nobody has begun.
    private let cursor = Atomic<Int>(0)
    /// How many chunks are done.
    private let done = Atomic<Int>(0)
    // Safety: a flag for each chunk; freed by `deinit`.
    private nonisolated(unsafe) let flags: UnsafeMutablePointer<Atomic<Bool>>

    @usableFromInline
    init(of table: Table, to owner: TableOwner, room: Int) {
        self.owner = owner
        self.room = room
        chunks = (table.lineMask + 1) / Self.chunkLines
        unsafe flags = .allocate(capacity: chunks)
        for chunk in 0..<chunks { unsafe (flags + chunk).initialize(to: Atomic(false)) }
    }

    deinit {
        unsafe flags.deallocate()
    }

    /// Where the entries go.
    @inlinable var target: Table { owner.table }

    /// Takes room for one new key; `false` if none is left before all entries are moved.
    @usableFromInline
    func admit() -> Bool {
        admissions.load(ordering: .relaxed) < room && admissions.add(1, ordering: .relaxed).oldValue < room
    }

    /// Whether every chunk is done.
    @usableFromInline var isComplete: Bool { done.load(ordering: .acquiring) == chunks }

    /// A chunk to move: one that nobody has begun, else one that somebody began and has not finished.
    @usableFromInline
    func claim() -> Int? {
        if cursor.load(ordering: .relaxed) < chunks {
            let chunk = cursor.add(1, ordering: .relaxed).oldValue
            if chunk < chunks { return chunk }
        }
        guard !isComplete else { return nil }
        // Safety: there is a flag for each chunk.
        return (0..<chunks).first { unsafe !(flags + $0).pointee.load(ordering: .acquiring) }
    }

    /// Notes that a chunk is done; returns whether it was the last one.
    @usableFromInline
    func finish(_ chunk: Int) -> Bool {
        // Safety: as above.
        guard unsafe !(flags + chunk).pointee.exchange(true, ordering: .acquiringAndReleasing) else { return false }
        return done.add(1, ordering: .acquiringAndReleasing).newValue == chunks
    }
}
