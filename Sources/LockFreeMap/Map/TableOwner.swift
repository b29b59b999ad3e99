internal import CLockFree
internal import Synchronization

/// The owner of a table's memory.
@safe @usableFromInline
final class TableOwner: Sendable {
    // Safety: allocated by `init`, freed by `deinit`, when no thread that is pinned can hold the table.
    private nonisolated(unsafe) let header = UnsafeMutablePointer<Table.Header>.allocate(capacity: 1)

    /// Makes an empty table.
    ///
    /// - Parameter lines: The number of lines: a power of two, at least 4.
    @usableFromInline
    init(lines: Int) {
        precondition(lines >= 4 && lines & (lines - 1) == 0, "the number of lines must be a power of two, at least 4")
        let count = lines * Table.lineWords
        guard let memory = unsafe clockfree_allocate(count * MemoryLayout<UInt64>.stride) else {
            fatalError("could not allocate memory for a table of \(count) slots")
        }
        // Safety: zeroed memory is `count` atomics of zero.
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

    /// Requests large pages if they are worth it.
    ///
    /// Called for a table most of whose pages have been touched, so that no writer waits for the first touch of a large
    /// page.
    @usableFromInline
    func preferLargePages() { unsafe clockfree_prefer_large_pages(table.lines.words, table.bytes) }
}
