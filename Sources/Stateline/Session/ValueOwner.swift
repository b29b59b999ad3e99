/// The owner of values apart from turns: a session, or a scope that sessions share.
public protocol ValueOwner: Sendable {
    /// The values at the newest position that is known here.
    ///
    /// ```swift
    /// let cart = try session.state[.cart]
    /// ```
    ///
    /// - Complexity: O(1).
    var state: SessionValues { get }

    /// Changes several values in one commit, each from what it is when the commit takes place.
    ///
    /// - Parameter body: Makes the changes. If another writer's batch was first, it is called again, with the values after
    ///   that batch.
    /// - Returns: The position with the changes; the present one if there are none.
    /// - Throws: ``SessionError``: value, with the closure's error too; gone, regressed, store, corruptLog or
    ///   unreadableLog.
    /// - Complexity: O(*k*) in the size of the changed values; one round trip, and one more for each writer that was first.
    @discardableResult
    func updateValues(_ body: (inout ValueEdit) throws(ValueError) -> Void) async throws(SessionError) -> Position
}

extension ValueOwner {
    /// Sets a value apart from turns: one commit, one round trip.
    ///
    /// If another writer changed the same value meanwhile, the last one wins, unless `expecting` is given.
    ///
    /// - Parameters:
    ///   - key: The value's key.
    ///   - value: The value.
    ///   - revision: The revision of the value that the caller has seen, ``SessionValues/revision(of:)``, 0 if there was
    ///     none; `nil` to overwrite whatever there is.
    /// - Returns: The position with the value.
    /// - Throws: ``SessionError`` as ``updateValues(_:)``; value with ``ValueError/changed(name:revision:)`` if the value is
    ///   not as expected.
    /// - Complexity: As ``updateValues(_:)``.
    @discardableResult
    public func set<Value>(
        _ key: SessionValueKey<Value>,
        to value: Value,
        expecting revision: Revision? = nil
    ) async throws(SessionError) -> Position {
        try await updateValues { edit throws(ValueError) in
            if let revision { try edit.expect(key.name, at: revision) }
            try edit.set(key, to: value)
        }
    }

    /// Removes a value apart from turns; see ``set(_:to:expecting:)``.
    @discardableResult
    public func remove<Value>(
        _ key: SessionValueKey<Value>,
        expecting revision: Revision? = nil
    ) async throws(SessionError) -> Position {
        try await updateValues { edit throws(ValueError) in
            if let revision { try edit.expect(key.name, at: revision) }
            edit.remove(key)
        }
    }
}

extension Snapshot {
    /// Returns the changes that an edit makes of the values.
    func changes(by body: (inout ValueEdit) throws(ValueError) -> Void) throws(SessionError) -> [ValueChange] {
        var edit = ValueEdit(values)
        do throws(ValueError) { try body(&edit) } catch { throw .value(error) }
        return edit.changes
    }

    /// Makes a batch of changes of values.
    func successor(changing values: [ValueChange], at created: Timestamp) -> Successor {
        var batch = Batch(.values, turn: .random(), created: created)
        batch.values = values
        return successor(batch)
    }
}
