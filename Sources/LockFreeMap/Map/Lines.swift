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
