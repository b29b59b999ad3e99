extension Snapshot {
    /// Returns `true` if an earlier snapshot of the same log shows the same view.
    ///
    /// Batches between the two have neither entries nor a view then. They record calls, which no request carries.
    ///
    /// - Complexity: O(1).
    func hasSameView(as earlier: Snapshot) -> Bool {
        position.incarnation == earlier.position.incarnation
            && head.totals.entries == earlier.head.totals.entries
            && head.view.revision == earlier.head.view.revision
    }

    /// Folds batches that leave the view of an earlier snapshot as it was.
    ///
    /// - Returns: The session with them; `nil` if they change the view or are not the log that follows.
    /// - Complexity: O(*n*) in the size of the batches.
    func following(_ batches: [EncodedBatch], withViewOf earlier: Snapshot) -> Snapshot? {
        guard let newer = try? following(batches), newer.hasSameView(as: earlier) else { return nil }
        return newer
    }
}
