extension Turn {
    /// The session's values as the turn sees and changes them.
    ///
    /// Changes are committed with the turn. A turn that is not committed changes nothing; its draft has the changes.
    public var state: TurnValues {
        mutating get { sharedValues().open() }
    }

    /// Returns the values for the turn's tools; they are made when they are first asked for.
    ///
    /// - Complexity: O(1).
    mutating func sharedValues() -> TurnValueTable {
        if let values { return values }
        let known = origin.values
        let table = TurnValueTable(origin.openTurn?.turn == id ? known.ofOpenTurn : known)
        values = table
        return table
    }

    /// Takes the changes so far into the draft.
    mutating func collectValues() {
        guard let values else { return }
        machine.collected.values = values.changes
    }
}
