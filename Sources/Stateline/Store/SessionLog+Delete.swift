extension SessionLog {
    /// Deletes a session.
    ///
    /// Without a position it deletes the session that is there when it begins, wherever its log is. If a reply is lost,
    /// a repetition does not delete another session that was created under the same key in between.
    ///
    /// - Parameters:
    ///   - key: The session.
    ///   - position: The position at which the log must be; `nil` for any.
    /// - Returns: `true` if the session was deleted, by this call or since it began; `false` if the log is elsewhere.
    /// - Throws: ``SessionError``: gone or store.
    /// - Complexity: O(1), one round trip; without a position two, and two more for each commit that comes between.
    @discardableResult
    package func delete(_ key: SessionKey, expecting position: Position? = nil) async throws(SessionError) -> Bool {
        guard let position else {
            try await deleteAnywhere(key)
            return true
        }
        var cost = StoreCost()
        switch try await perform(StoreDeletion(key: key, position: position), cost: &cost) {
        case .deleted: return true
        case .stale: return false
        // An earlier attempt, whose reply was lost, may have deleted it.
        case .gone(.deleted) where cost.roundTrips > 1: return true
        case .gone(let absence): throw .gone(key, absence)
        }
    }

    private func deleteAnywhere(_ key: SessionKey) async throws(SessionError) {
        var cost = StoreCost()
        let end = now() + Self.patience
        guard let meant = try await position(of: key) else {
            // No log is at this position: the store says why there is no session, and removes what is left of one.
            let nowhere = Position.origin(of: key, incarnation: .random())
            let outcome = try await perform(StoreDeletion(key: key, position: nowhere), until: end, cost: &cost)
            guard case .gone(let absence) = outcome else { throw .gone(key, .absent) }
            throw .gone(key, absence)
        }
        var expected = meant
        while true {
            switch try await perform(StoreDeletion(key: key, position: expected), until: end, cost: &cost) {
            case .deleted, .gone(.deleted), .gone(.absent): return
            case .gone(let absence): throw .gone(key, absence)
            case .stale: break
            }
            // Another life of the session means that the one that was meant has ended.
            guard let next = try await position(of: key), next.incarnation == meant.incarnation else { return }
            guard now() < end else { throw SessionError(.neverAtRest, of: key) }
            expected = next
        }
    }

    /// Asks the store for the position of a session's newest batch.
    private func position(of key: SessionKey) async throws(SessionError) -> Position? {
        do throws(StoreError) {
            let position = try await store.position(of: key)
            health.answered()
            return position
        } catch {
            health.failed(error)
            throw SessionError(error, of: key)
        }
    }
}

extension StoreError {
    /// A session that other writers changed between each look at it and its deletion.
    fileprivate static var neverAtRest: StoreError {
        StoreError(
            .unavailable,
            committed: .no,
            message: "the session was not deleted, because other writers kept changing it: try again"
        )
    }
}
