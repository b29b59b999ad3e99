internal import NIOCore
public import Stateline

extension RedisStore {
    /// Appends a batch if the log is at the expected position.
    ///
    /// If the store waits for replicas, one `WAIT` after all waiting commits asks for the number of replicas that have
    /// them. A commit waits for at most two times the replicas' timeout: for the group before it, and for its own. The
    /// commit is done in any case; the result has the level that was reached. A batch that was appended before waits in
    /// the same way.
    ///
    /// - Throws: `StoreError` with `StoreError.Reason.full` if the server has reached `maxmemory`, or the log the
    ///   longest string; with `StoreError.Reason.corrupt` if the log is damaged. Nothing was committed then. With
    ///   `StoreError.Reason.unavailable` if the server gave no answer in time.
    /// - Complexity: O(*n*) in the size of the batch; one round trip. The search for a position before the newest 1,024
    ///   batches takes several.
    public func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        precondition(batch.position.revision == position.revision.next, "the batch must follow the position")
        let keys = StoredKeys(key, in: namespace)
        let deadline = deadline + replicaTime * 2
        let isFirst = position.revision == 0
        var call =
            isFirst
            ? ScriptCall(.create, keys, parameters: parameters(expecting: position))
            : ScriptCall(.commit, keys, parameters: parameters(expecting: position, before: batch.position))
        call.batch = batch.bytes
        if isFirst {
            let isOrigin = position == .origin(of: key, incarnation: batch.position.incarnation)
            call.rest = [ByteBuffer(string: isOrigin ? "1" : "0"), key.names]
        }
        if let wait = waiting {
            call.lane = .replicated
            call.following = [wait]
            call.serverTime = replicaTime
        }
        var rereading = Rereading()
        while true {
            let (reply, replies) = try await run(call, deadline: deadline)
            switch reply {
            case .done: return .committed(acknowledged(replies.first))
            case .duplicate: return .duplicate(acknowledged(replies.first))
            case .regressed: return .regressed
            case .gone(let absence): return .gone(absence)
            case .behind(let tail):
                let missing = try await batches(
                    of: tail,
                    after: position,
                    keys: keys,
                    deadline: deadline,
                    &rereading
                )
                if let missing { return .stale(missing: missing) }
            case .corrupt(let revision): throw .corruptLog(at: revision)
            default: throw StoreError(.malformedAnswer, maybeCommitted: false)
            }
        }
    }
}

extension RedisStore {
    /// The maximum wait for replicas.
    private var replicaTime: TimeAmount {
        if case .replicas(_, let timeout) = acknowledgement { return TimeAmount(timeout) }
        return .zero
    }

    /// The command that waits for replicas.
    private var waiting: [String]? {
        guard case .replicas(let count, let timeout) = acknowledgement else { return nil }
        // A timeout of 0 means for ever.
        let milliseconds = max(1, TimeAmount(timeout).nanoseconds / 1_000_000)
        return ["WAIT", String(count), String(milliseconds)]
    }

    private func acknowledged(_ reply: RESPValue?) -> Acknowledged {
        guard case .replicas = acknowledgement else { return .primary }
        guard case .integer(let count) = reply else { return .replicas(0) }
        return .replicas(Int(count))
    }
}

extension SessionKey {
    /// The session's names as the guard stores them, for lists.
    var names: ByteBuffer {
        let isRoot = family.utf8.elementsEqual(id.utf8)
        var buffer = ByteBuffer()
        for text in [id, isRoot ? "" : family] {
            buffer.writeInteger(UInt32(truncatingIfNeeded: text.utf8.count))
            buffer.writeString(text)
        }
        return buffer
    }
}
