internal import NIOCore

extension Snapshot {
    /// Returns the view of a batch that makes the session's view a smaller one, and the entries that it adds.
    ///
    /// Entries that were appended after the view was planned stay at its end.
    ///
    /// - Parameters:
    ///   - view: The smaller view, planned at `start`. Entries of a turn under way are no part of it.
    ///   - start: The snapshot that it was planned at, whose view this one's begins with.
    /// - Returns: The view and the new entries.
    /// - Complexity: O(*n*) in the number of entries.
    func change(to view: ContextView, plannedAt start: Snapshot) -> (view: Batch.View, entries: [Entry]) {
        var entries: [Entry] = []
        var ranges = EntryRanges()
        let first = head.totals.entries
        for item in view.items where !item.isOfTurn {
            let number: Int
            if let known = item.number {
                number = known
            } else {
                number = first + entries.count
                entries.append(item.entry)
            }
            ranges.append(number..<number + 1)
        }
        for range in self.view.ranges(after: start.view.count) { ranges.append(range) }
        let kept = ranges.commonPrefixCount(with: self.view)
        return (Batch.View(base: position.revision, kept: kept, ranges: ranges.ranges(after: kept)), entries)
    }

    /// Returns `true` if the view begins with all entries of an earlier snapshot's view, by appends alone.
    func continuesView(of earlier: Snapshot) -> Bool {
        position.incarnation == earlier.position.incarnation && head.view.revision == earlier.head.view.revision
    }

    /// Returns the number of leading bytes that requests of this view and of another one have in common, as whole entries.
    ///
    /// - Complexity: O(log^2 *n*).
    func commonPrefixBytes(with other: Snapshot) -> Int {
        guard rendering.opening == other.rendering.opening else { return 0 }
        let kept = view.commonPrefixCount(with: other.view)
        let bytes = other.rendering.byteOffset(ofEntry: kept) ?? rendering.byteOffset(ofEntry: kept) ?? 0
        return rendering.opening.readableBytes + bytes
    }
}
