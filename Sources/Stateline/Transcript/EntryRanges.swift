/// Which entries of a log a view shows, in order: ranges of entry numbers, counted over the whole log from 0.
///
/// A log without a rewind or a compaction has one range. Each view batch lists all ranges of the view it makes, so that
/// the newest view batch and what follows it are enough to rebuild the view.
public struct EntryRanges: Hashable, Sendable {
    /// The ranges, none of them empty.
    public private(set) var ranges: [Range<Int>]

    /// Makes a view of some ranges; empty ones are dropped and adjoining ones joined.
    public init(_ ranges: [Range<Int>] = []) {
        self.ranges = []
        for range in ranges { append(range) }
    }

    /// How many entries the view shows.
    public var count: Int { ranges.reduce(0) { $0 + $1.count } }

    mutating func append(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        if let last = ranges.last, last.upperBound == range.lowerBound {
            ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
        } else {
            ranges.append(range)
        }
    }

    /// The view's first entries.
    func prefix(_ count: Int) -> EntryRanges {
        var left = count
        return EntryRanges(
            ranges.map { range in
                let kept = range.prefix(left)
                left -= kept.count
                return kept
            }
        )
    }

    /// How many leading entries two views have in common.
    func commonPrefixCount(with other: EntryRanges) -> Int {
        var count = 0
        for (mine, others) in zip(ranges, other.ranges) {
            guard mine.lowerBound == others.lowerBound else { break }
            count += Swift.min(mine.count, others.count)
            guard mine.count == others.count else { break }
        }
        return count
    }
}
