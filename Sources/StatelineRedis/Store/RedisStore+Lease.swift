internal import NIOCore
public import Stateline

extension RedisStore {
    /// Counts a renewal of the lease of a session's open turn, or reads the count.
    ///
    /// The count is 22 bytes at the end of the guard: it moves, is evicted and is forgotten with the session, and needs no
    /// right that a commit does not need. A renewal rewrites the guard and moves the expiry of the keys as a commit does. A
    /// server that has reached `maxmemory` counts renewals all the same, because only the first one of a session takes
    /// room.
    ///
    /// - Throws: `StoreError` with `StoreError.Reason.corrupt` if the guard or the size of the log is damaged, with
    ///   `StoreError.Reason.unavailable` if the server gave no answer in time. A renewal may have been counted then.
    /// - Complexity: O(1), one round trip. If the expiry of *n* ancestors has to be moved, O(*n*) on the server.
    public func lease(of key: SessionKey, renewing turn: TurnID?) async throws(StoreError) -> LeaseResult {
        let call = ScriptCall(.lease, StoredKeys(key, in: namespace), parameters: parameters(renewing: turn))
        switch try await run(call, deadline: deadline).0 {
        case .lease(let renewals, let position):
            return .lease(of: renewals?.turn, renewals: renewals?.count ?? 0, position: position)
        case .gone(let absence): return .gone(absence)
        case .corrupt(let revision): throw .corruptLog(at: revision)
        default: throw StoreError(.malformedAnswer, maybeCommitted: false)
        }
    }

    /// Returns the parameters of a renewal: the turn, and the lifetime; none to read only.
    private func parameters(renewing turn: TurnID?) -> ByteBuffer {
        var buffer = ByteBuffer()
        guard let turn else { return buffer }
        buffer.writeInteger(turn.rawValue)
        if lifetime != nil { writeLifetime(to: &buffer) }
        return buffer
    }
}
