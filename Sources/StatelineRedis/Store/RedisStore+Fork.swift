internal import NIOCore
public import Stateline

extension RedisStore {
    /// Creates a session that continues another session's log from a position.
    ///
    /// - Throws: `StoreError` as ``append(_:to:expecting:)`` does.
    /// - Complexity: O(*n*) in the number of ancestors, and independent of their logs, if the position is the parent's
    ///   newest one or near it; one round trip.
    public func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult {
        precondition(first.position.revision == position.revision.next, "the batch must follow the position")
        precondition(
            key.tenant == fork.tenant && key.family == fork.family,
            "the fork's key must be of the parent's tenant and family"
        )
        var call = ScriptCall(
            .fork,
            StoredKeys(key, in: namespace),
            StoredKeys(fork, in: namespace),
            parameters: parameters(expecting: position)
        )
        call.batch = first.bytes
        call.rest = [fork.names]
        switch try await run(call, deadline: deadline).0 {
        case .done: return .forked
        case .duplicate: return .duplicate
        case .taken: return .taken
        case .regressed: return .regressed
        case .gone(let absence): return .gone(absence)
        case .corrupt(let revision): throw .corruptLog(at: revision)
        default: throw StoreError(.malformedAnswer, maybeCommitted: false)
        }
    }

    /// Deletes a session but not its forks.
    ///
    /// The part of its log that forks share stays until the last of them is deleted or has expired. A deletion without a
    /// position is attempted once: after a lost reply its outcome is unknown.
    ///
    /// - Throws: `StoreError` with `StoreError.Reason.unavailable` if the server gave no answer in time.
    /// - Complexity: O(*n*) in the number of ancestors; one round trip.
    public func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult {
        var parameters = ByteBuffer()
        parameters.writeMilliseconds(retention)
        if let position {
            parameters.writeFingerprint(of: position)
            parameters.writeSixBytes(position.revision.rawValue)
        }
        var call = ScriptCall(.delete, StoredKeys(key, in: namespace), parameters: parameters)
        call.isRepeatable = position != nil
        switch try await run(call, deadline: deadline).0 {
        case .done: return .deleted
        case .stale: return .stale
        case .gone(let absence): return .gone(absence)
        case .corrupt(let revision): throw .corruptLog(at: revision)
        default: throw StoreError(.malformedAnswer, maybeCommitted: false)
        }
    }
}
