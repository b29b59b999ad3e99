internal import NIOCore
public import Stateline

extension RedisStore {
    /// Reads the batches after a position, in order.
    ///
    /// - Throws: `StoreError` with `StoreError.Reason.corrupt` where the log is not what was appended to it, with
    ///   `StoreError.Reason.unreadable(_:)` if a newer writer made a batch of it and this library cannot frame it, with
    ///   `StoreError.Reason.unavailable` where the server gave no answer in time.
    /// - Complexity: O(*n*) in the size of what is missing; one round trip up to 8 MiB, and one more for each further
    ///   8 MiB. A position that more than 1,024 batches follow is looked for in several round trips.
    public func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        let keys = StoredKeys(key)
        let deadline = deadline
        var call = ScriptCall(script, .load, keys, parameters: Self.parameters(of: position))
        if position == nil {
            call.lane = .bulk
            call.following = [layout.readingHead(of: keys.logKey, pieceSize)]
        }
        var rereading = Rereading()
        while true {
            let (verdict, replies) = try await run(call, deadline: deadline)
            switch verdict {
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
            default: throw StoreError(.outOfStep, mayBeCommitted: false)
            }
        }
    }

    private static func parameters(of position: Position?) -> ByteBuffer {
        var buffer = ByteBuffer()
        guard let position else { return buffer }
        buffer.writePlace(position)
        buffer.writeSixBytes(position.revision.rawValue)
        return buffer
    }
}
