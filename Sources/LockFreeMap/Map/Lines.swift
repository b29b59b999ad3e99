public import Synchronization

/// The slots of a table: lines of eight words; the number of lines is a power of two.
///
/// The topmost bits of a key's hash are the number of its home line. A search continues from there, line by line, and
/// around the end. Within a line slots are claimed from the first to the last.
@safe @usableFromInline
struct Lines: Sendable {
    // Safety: initialised for all lines, for as long as the table lives.
    @usableFromInline nonisolated(unsafe) let words: UnsafeMutablePointer<Atomic<UInt64>>
    /// The number of bits by which a hash is shifted to the right to give the number of a line.
    @usableFromInline let shift: UInt64
    /// One less than the number of lines.
    @usableFromInline let mask: Int

    /// The first word of a line.
    @inlinable @inline(__always)
    subscript(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        // Safety: the mask keeps the index within the lines.
        unsafe words + (index & mask) &* Table.lineWords
    }

    /// Returns the line in which the search for a key begins.
    @inlinable @inline(__always)
    func home(of hash: UInt64) -> Int { Int(truncatingIfNeeded: hash &>> shift) }
}
