internal import NIOCore
public import Stateline

extension RedisStore {
    /// Reads the batches after a position, in order.
    ///
    /// - Throws: `StoreError` with `StoreError.Reason.corrupt` if the log is damaged, with
    ///   `StoreError.Reason.unreadable(_:)` if a newer version wrote a batch that this one cannot read, with
    ///   `StoreError.Reason.unavailable` if the server gave no answer in time.
    /// - Complexity: O(*n*) in the size of the batches; one round trip up to 8 MiB, and one more for each further 8
    ///   MiB. The search for a position before the newest 1,024 batches takes several.
    public func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        let keys = StoredKeys(key, in: namespace)
        let deadline = deadline
        var call = ScriptCall(.load, keys, parameters: Self.parameters(of: position))
        if position == nil {
            call.lane = .bulk
            call.following = [LogPart(key: keys.logKey, range: 0..<pieceSize).command]
        }
        var rereading = Rereading()
        while true {
            let (reply, replies) = try await run(call, deadline: deadline)
            switch reply {
            case .current: return .current
            case .regressed: return .regressed
            case .gone(let absence): return .gone(absence)
            case .behind(let tail):
                let root = SessionKey(key.family, tenant: key.tenant)
                guard tail.origin == .origin(of: root, incarnation: tail.origin.incarnation) else {
                    throw StoreError.corruptLog(at: 0)
                }
                let missing = try await batches(
                    of: tail,
                    after: position ?? tail.origin,
                    keys: keys,
                    head: replies.first,
                    deadline: deadline,
                    &rereading
                )
                if let missing { return .tail(missing) }
            case .corrupt(let revision): throw .corruptLog(at: revision)
            default: throw StoreError(.malformedAnswer, maybeCommitted: false)
            }
        }
    }

    private static func parameters(of position: Position?) -> ByteBuffer {
        var buffer = ByteBuffer()
        guard let position else { return buffer }
        buffer.writeFingerprint(of: position)
        buffer.writeSixBytes(position.revision.rawValue)
        return buffer
    }
}
