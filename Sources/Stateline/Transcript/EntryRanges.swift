/// The entries of a log that a view shows, in order: ranges of entry numbers, counted over the whole log from 0.
///
/// A log without a rewind or a compaction has one range. Ranges are in a persistent list, so that views that begin alike
/// share their beginning. Each range holds a hash of all before it; a binary search over the hashes compares two views.
/// The hash is seeded anew in each process, so that no log can be made to collide.
struct EntryRanges: Sendable {
    private struct Piece: Sendable {
        /// The entries, at least one.
        var range: Range<Int>
        /// The number of entries that the pieces before this one show.
        let start: Int
        /// A hash of the pieces before this one; 0 for the first.
        let prefixHash: Int

        var end: Int { start + range.count }
        /// A hash of the pieces before this one and of this one.
        var hash: Int {
            var hasher = Hasher()
            hasher.combine(prefixHash)
            hasher.combine(range)
            return hasher.finalize()
        }
    }

    private var pieces = PersistentList<Piece>()

    /// Makes a view of some ranges; empty ones are dropped and adjoining ones joined.
    init(_ ranges: [Range<Int>] = []) {
        for range in ranges { append(range) }
    }

    /// The ranges, none of them empty, and none that continues the one before.
    ///
    /// - Complexity: O(*r*) in the number of ranges.
    var ranges: [Range<Int>] { pieces.map(\.range) }

    /// The approximate number of bytes that the view does not share with views of the same beginning.
    var ownByteCount: Int { pieces.uniqueByteCount }

    /// The number of entries that the view shows.
    ///
    /// - Complexity: O(1).
    var count: Int { pieces.last?.end ?? 0 }

    /// Adds entries at the end.
    ///
    /// - Complexity: O(1) amortised.
    mutating func append(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        guard var last = pieces.last else {
            return pieces.append(Piece(range: range, start: 0, prefixHash: 0))
        }
        if last.range.upperBound == range.lowerBound {
            last.range = last.range.lowerBound..<range.upperBound
            pieces.replaceLast(with: last)
        } else {
            pieces.append(Piece(range: range, start: last.end, prefixHash: last.hash))
        }
    }

    /// Returns the view of the first entries.
    ///
    /// - Complexity: O(log *r*) in the number of ranges.
    func prefix(_ count: Int) -> EntryRanges {
        guard count < self.count else { return self }
        guard count > 0 else { return EntryRanges() }
        var copy = self
        var last = pieces[piece(showing: count - 1)]
        copy.pieces.truncate(to: piece(showing: count - 1) + 1)
        last.range = last.range.prefix(count - last.start)
        copy.pieces.replaceLast(with: last)
        return copy
    }

    /// Returns the ranges of the entries after the view's first ones.
    ///
    /// - Complexity: O(log *r* + *k*) in the number of ranges and of those returned.
    func ranges(after count: Int) -> [Range<Int>] {
        guard count < self.count else { return [] }
        return pieces[piece(showing: count)...].map { $0.range.dropFirst(Swift.max(count - $0.start, 0)) }
    }

    /// Returns the number of leading entries that two views have in common.
    ///
    /// - Complexity: O(log^2 *r*) in the number of ranges.
    func commonPrefixCount(with other: EntryRanges) -> Int {
        let shared = Swift.min(pieces.count, other.pieces.count)
        // The newest piece before which both are alike.
        let index = firstIndex(below: shared) { pieces[$0].prefixHash != other.pieces[$0].prefixHash } - 1
        guard index >= 0 else { return 0 }
        let (mine, others) = (pieces[index], other.pieces[index])
        guard mine.range.lowerBound == others.range.lowerBound else { return mine.start }
        return mine.start + Swift.min(mine.range.count, others.range.count)
    }

    /// Returns the number of an entry of the view, counted over the whole log from 0.
    ///
    /// - Complexity: O(log *r*) in the number of ranges.
    func number(at index: Int) -> Int {
        let piece = pieces[piece(showing: index)]
        return piece.range.lowerBound + index - piece.start
    }

    /// Returns the index in the view of an entry of the log; `nil` if the view does not show it.
    ///
    /// - Complexity: O(*r*) in the number of ranges.
    func index(of number: Int) -> Int? {
        for piece in pieces.reversed() where piece.range.contains(number) {
            return piece.start + number - piece.range.lowerBound
        }
        return nil
    }

    /// Returns the index of the piece that shows an entry of the view.
    private func piece(showing index: Int) -> Int {
        firstIndex(below: pieces.count) { pieces[$0].start > index } - 1
    }

    /// Returns the first index that meets a condition which all later ones meet too; the limit if none does.
    private func firstIndex(below limit: Int, where isAfter: (Int) -> Bool) -> Int {
        var (low, high) = (0, limit)
        while low < high {
            let middle = (low + high) / 2
            if isAfter(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension EntryRanges: Equatable {
    /// Returns `true` if two views show the same entries in the same order.
    static func == (a: EntryRanges, b: EntryRanges) -> Bool {
        a.count == b.count && a.commonPrefixCount(with: b) == a.count
    }
}
