extension ModelSession {
    /// Shows another entry in the place of one.
    ///
    /// The entry that was shown stays in the log: a rewind to an earlier revision shows it again. No turn begins on this
    /// handle meanwhile. If other writers committed first, the edit follows their batches. Entry numbers are those of
    /// ``Snapshot/number(ofEntryAt:)``; the new entry has one of its own.
    ///
    /// - Parameters:
    ///   - number: The entry to replace.
    ///   - entry: The entry to show.
    /// - Returns: The position of the session with the new view.
    /// - Throws: ``SessionError/unknownEntry(_:_:)`` if the view does not show the entry;
    ///   ``SessionError/invalidEdit(_:_:)`` if the edit would split calls from outputs; else as ``rewind(to:)``.
    /// - Complexity: O(*n*) in the size of the view, and one round trip.
    @discardableResult
    public func replace(_ number: EntryNumber, with entry: Entry) async throws(SessionError) -> Position {
        try await edit(.replace(number, with: entry))
    }

    /// Takes entries out of the view.
    ///
    /// Calls and outputs go together: with a call or an output, all calls and outputs of its step are taken out. So is
    /// reasoning that would be left without its answer. Else as ``replace(_:with:)``.
    ///
    /// - Parameter numbers: The entries.
    /// - Returns: The position of the session with the new view.
    /// - Throws: As ``replace(_:with:)``.
    /// - Complexity: O(*n*) in the size of the view, and one round trip.
    @discardableResult
    public func remove(_ numbers: Set<EntryNumber>) async throws(SessionError) -> Position {
        guard !numbers.isEmpty else { return snapshot.position }
        return try await edit(.remove(numbers))
    }

    /// Shows new entries before one.
    ///
    /// Else as ``replace(_:with:)``.
    ///
    /// - Parameters:
    ///   - entries: The new entries, in order.
    ///   - number: The entry before which they are shown.
    /// - Returns: The position of the session with the new view.
    /// - Throws: As ``replace(_:with:)``.
    /// - Complexity: O(*n*) in the size of the view, and one round trip.
    @discardableResult
    public func insert(
        contentsOf entries: [Entry],
        before number: EntryNumber
    ) async throws(SessionError) -> Position {
        guard !entries.isEmpty else { return snapshot.position }
        return try await edit(.insert(entries, before: number))
    }

    /// Adds entries at the end, without a call of a model.
    ///
    /// The entries may be outputs of calls that have none yet. Else as ``replace(_:with:)``.
    ///
    /// - Parameter entries: The new entries, in order. They come from the program, never from a client as they are: they
    ///   may be instructions.
    /// - Returns: The position of the session with the entries.
    /// - Throws: As ``replace(_:with:)``.
    /// - Complexity: O(*n*) in the size of the view, and one round trip.
    @discardableResult
    public func append(contentsOf entries: [Entry]) async throws(SessionError) -> Position {
        guard !entries.isEmpty else { return snapshot.position }
        return try await edit(.append(entries))
    }

    private func edit(_ edit: ViewEdit) async throws(SessionError) -> Position {
        let turn = TurnID.random()
        return try await change { () async throws(SessionError) in
            // Another handle may have added the entry.
            if let newest = edit.newestNumber, newest.rawValue >= snapshot.head.totals.entries { try await refresh() }
            return try await appendWhereItStands(after: snapshot) { snapshot throws(SessionError) in
                do throws(ViewEdit.Fault) {
                    return snapshot.successor(
                        try snapshot.batch(of: edit, turn: turn, created: boundary.timestamp())
                    )
                } catch {
                    switch error {
                    case .unknownEntry(let number): throw .unknownEntry(key, number)
                    case .unsound(let rules): throw .invalidEdit(key, rules)
                    }
                }
            }
        }
    }
}
