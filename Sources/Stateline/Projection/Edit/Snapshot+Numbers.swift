extension Snapshot {
    /// Returns the number of an entry of the active view.
    ///
    /// - Parameter index: The entry's index in ``transcript``.
    /// - Returns: The number.
    /// - Precondition: The transcript has the index.
    /// - Complexity: O(log *r*) in the number of ranges of the view.
    public func number(ofEntryAt index: Int) -> EntryNumber {
        precondition(transcript.indices.contains(index), "the transcript has no such entry")
        return EntryNumber(rawValue: view.number(at: index))
    }

    /// Returns the index in ``transcript`` of an entry; `nil` if the active view does not show it.
    ///
    /// - Complexity: O(*r*) in the number of ranges of the view.
    public func index(ofEntry number: EntryNumber) -> Int? { view.index(of: number.rawValue) }

    /// Returns the revision whose batch added an entry, shown or not; `nil` if the log has no such entry.
    ///
    /// The batch's digest, turn and kind tell the rest of an entry's origin.
    ///
    /// - Complexity: O(log^2 *n*).
    public func revision(ofEntry number: EntryNumber) -> Revision? {
        guard (0..<head.totals.entries).contains(number.rawValue) else { return nil }
        var (low, high) = (1, Int(position.revision.rawValue))
        while low < high {
            let middle = (low + high) / 2
            if entryCount(at: middle) > number.rawValue { high = middle } else { low = middle + 1 }
        }
        return Revision(rawValue: UInt64(low))
    }
}
