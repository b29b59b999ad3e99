internal import Synchronization

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
