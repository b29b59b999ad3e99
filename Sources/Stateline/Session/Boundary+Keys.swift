extension Boundary {
    /// Brings a session under the active key of its ring, as its next turn would: for sessions that have none.
    ///
    /// It appends one batch, in which a new key of the session and all earlier ones are wrapped under the active key. Turns
    /// may run meanwhile, in any process; their commits follow that batch. Call it for each session that a store lists, and
    /// again for the ones that failed; then the old master key opens nothing that the new one does not, and can be
    /// destroyed.
    ///
    /// A session that was begun without encryption is encrypted from that batch on, if its ring allows plaintext. What was
    /// written before stays as it is.
    ///
    /// - Returns: `true` if a batch was written; `false` if the session is under the active key already.
    /// - Throws: ``SessionError``: gone, regressed, store, corruptLog, unreadableLog or sealed.
    /// - Precondition: The boundary has keys.
    /// - Complexity: O(*n*) in the size of the session, unless the cache holds it; two round trips.
    @discardableResult
    public func rekey(_ key: SessionKey) async throws(SessionError) -> Bool {
        precondition(log.keys != nil, "the boundary has no keys")
        var cost = StoreCost()
        let dialect = EntryDialect()
        guard var base = try await log.snapshot(key, for: dialect, cost: &cost) else { throw .gone(key, .absent) }
        while true {
            guard let cipher = base.cipher, !cipher.isCurrent else { return false }
            let successor = base.successor(Batch(.rekey, turn: .random(), created: timestamp()))
            switch try await log.append(
                successor.encoded,
                making: successor.snapshot,
                to: key,
                expecting: base.position,
                cost: &cost
            ) {
            case .committed, .duplicate: return true
            case .stale(let missing):
                base = try log.fold(missing, of: key, for: dialect, after: base, cost: &cost)
            }
        }
    }

    /// Deletes a session, and destroys what could still open it: the copies that this boundary keeps in memory, and the
    /// keys that its provider has for this session alone.
    ///
    /// The session's keys are in its log, so they go with it. A store that keeps old bytes for a while, and its backups,
    /// can be read for as long as their master key exists: see <doc:EncryptingSessions>. Entries that a fork shares stay until the
    /// fork is erased. A handle on the session keeps its snapshot until it is released.
    ///
    /// Safe to repeat: the keys are destroyed also if the session is gone.
    ///
    /// - Throws: ``SessionError/gone(_:_:)`` if there is no session, ``SessionError/store(_:)``, or
    ///   ``SessionError/sealed(_:_:_:)`` with ``SealError/keysNotDestroyed``.
    public func erase(_ key: SessionKey) async throws(SessionError) {
        var absence: Absence?
        do throws(SessionError) { try await log.delete(key) } catch {
            guard case .gone(_, let reason) = error else { throw error }
            absence = reason
        }
        directory?.forget(key)
        unrecorded.forget(key)
        do { try await log.keys?.destroyKeys(of: key) } catch { throw .sealed(key, 0, .keysNotDestroyed) }
        if let absence { throw .gone(key, absence) }
    }
}
