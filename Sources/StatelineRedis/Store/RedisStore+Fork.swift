internal import NIOCore
public import Stateline

extension RedisStore {
    /// Makes a session that continues another one's log from a position.
    ///
    /// - Throws: `StoreError` as ``append(_:to:expecting:)`` does.
    /// - Complexity: O(*n*) in the number of ancestors, whatever their logs hold, where the position is the parent's newest
    ///   one or near it; one round trip.
    public func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult {
        precondition(first.position.revision == position.revision.next, "the batch does not follow the position")
        precondition(key.tenant == fork.tenant && key.family == fork.family, "the fork is not of the parent's family")
        var call = ScriptCall(
            script,
            .fork,
            StoredKeys(key, in: namespace),
            StoredKeys(fork, in: namespace),
            parameters: parameters(expecting: position)
        )
        call.batch = (first.bytes, layout)
        call.rest = [fork.names]
        switch try await run(call, deadline: deadline).0 {
        case .done: return .forked
        case .duplicate: return .duplicate
        case .taken: return .taken
        case .regressed: return .regressed
        case .gone(let absence): return .gone(absence)
        case .corrupt(let revision): throw .corruptLog(at: revision)
        default: throw StoreError(.outOfStep, mayBeCommitted: false)
        }
    }

    /// Deletes a session; its forks live on.
    ///
    /// What forks share of its log stays until the last of them is deleted or has expired.
    ///
    /// - Throws: `StoreError` with `StoreError.Reason.unavailable` where the server gave no answer in time.
    /// - Complexity: O(*n*) in the number of ancestors; one round trip.
    public func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult {
        var parameters = ByteBuffer()
        parameters.writeMilliseconds(retention)
        if let position {
            parameters.writePlace(position)
            parameters.writeSixBytes(position.revision.rawValue)
        }
        let call = ScriptCall(script, .delete, StoredKeys(key, in: namespace), parameters: parameters)
        switch try await run(call, deadline: deadline).0 {
        case .done: return .deleted
        case .stale: return .stale
        case .gone(let absence): return .gone(absence)
        case .corrupt(let revision): throw .corruptLog(at: revision)
        default: throw StoreError(.outOfStep, mayBeCommitted: false)
        }
    }
}
