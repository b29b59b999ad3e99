extension SessionValues {
    /// Folds a batch's changes.
    ///
    /// A step of an open turn changes nothing yet: the turn's end puts its changes into effect if its entries enter the
    /// view, and drops them if not.
    ///
    /// - Complexity: O(1) for a batch without changes; else O(*k* log *n*) in their number.
    func following(_ batch: Batch, at revision: Revision) -> SessionValues {
        if batch.values.isEmpty, held.isEmpty { return self }
        if batch.holdsEntries { return batch.values.isEmpty ? self : holding(held + batch.values) }
        guard case .ended(let ending)? = batch.record else { return applying(batch.values, at: revision) }
        let ended = ending.outcome.isInView ? held : []
        return holding([]).applying(ended + batch.values, at: revision)
    }

    /// The values as the open turn sees them: with the changes by its steps.
    var ofOpenTurn: SessionValues { applying(held, at: revision) }
}
