internal import Synchronization

/// The move of a table's entries to the next table, shared among all writers.
@safe @usableFromInline
final class Migration: Sendable {
    /// The number of lines that a thread moves at a time.
    @inlinable static var chunkLines: Int { 4 }

    /// The owner of the next table's memory.
    @usableFromInline let owner: TableOwner
    let chunks: Int
    /// The number of new keys that the next table has room for beside the entries to move.
    private let room: Int
    /// The number of new keys that were to be admitted.
    private let admissions = Atomic<Int>(0)
    /// The next chunk that no thread has begun.
    private let cursor = Atomic<Int>(0)
    /// The number of chunks that are done.
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

    /// The next table.
    @inlinable var target: Table { owner.table }

    /// Reserves room for one new key; returns `false` if none is left until all entries are moved.
    @usableFromInline
    func admit() -> Bool {
        admissions.load(ordering: .relaxed) < room && admissions.add(1, ordering: .relaxed).oldValue < room
    }

    /// `true` if every chunk is done.
    @usableFromInline var isComplete: Bool { done.load(ordering: .acquiring) == chunks }

    /// Returns a chunk to move: one that no thread has begun, else one that was begun and is not done.
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

    /// Marks a chunk as done; returns `true` if it was the last one.
    @usableFromInline
    func finish(_ chunk: Int) -> Bool {
        // Safety: as above.
        guard unsafe !(flags + chunk).pointee.exchange(true, ordering: .acquiringAndReleasing) else { return false }
        return done.add(1, ordering: .acquiringAndReleasing).newValue == chunks
    }
}
