internal import LockFreeMap
public import Stateline

extension MemoryStore {
    /// Counts a renewal of the lease of a session's open turn, or reads the count.
    ///
    /// A renewal is one atomic addition: it does not wait for a commit, nor does a commit or a reader for it. The first
    /// renewal of a turn replaces the session's entry, as a commit does; so does each renewal in a store with an idle time,
    /// which it starts again. A commit that meets such a renewal is tried again once. Renewals take no bytes of the bound.
    ///
    /// - Throws: `StoreError.Reason.unavailable` as ``append(_:to:expecting:)`` does; nothing was counted then.
    /// - Complexity: O(1).
    public func lease(of key: SessionKey, renewing turn: TurnID?) async throws(StoreError) -> LeaseResult {
        let byteKey = ByteKey(key)
        while true {
            let found = find(byteKey)
            switch found?.standing {
            case .gone(let absence): return .gone(absence)
            case .forgotten, nil: return .gone(.absent)
            case .live(let session):
                let position = session.log.position
                guard let turn, let entry = found?.entry else {
                    return .lease(
                        of: session.renewals?.turn,
                        renewals: session.renewals?.value ?? 0,
                        position: position
                    )
                }
                guard let count = try count(of: turn, entry, session) else { continue }
                return .lease(of: turn, renewals: count.increment(), position: position)
            }
        }
    }

    /// Returns the count of a turn's renewals, as the session has it from now on.
    ///
    /// - Returns: The count; `nil` if the session's entry was replaced meanwhile.
    private func count(
        of turn: TurnID,
        _ entry: StoredSession,
        _ session: StoredSession.Content
    ) throws(StoreError) -> RenewalCount? {
        let known = session.renewals?.turn == turn ? session.renewals : nil
        if let known, lifetime?.idle == nil { return known }
        let count = known ?? RenewalCount(of: turn)
        var renewed = session
        renewed.renewals = count
        renewed.end = lifetime.map { $0.end(created: session.created, committed: now()) }
        let successor = StoredSession(entry.name, key: entry.key, renewed)
        do throws(LockFreeMapError) {
            guard case .exchanged = try map.compareExchange(expected: entry, desired: successor) else { return nil }
        } catch {
            throw stalled()
        }
        return count
    }
}
