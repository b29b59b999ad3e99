internal import NIOCore
public import Stateline

extension RedisStore {
    /// Appends a batch where the log stands at the expected position.
    ///
    /// Where replicas are waited for, one question behind all commits that wait asks how many replicas have them. A commit
    /// waits for at most two times the replicas' time: for the group before it, and for its own. The commit is done
    /// whatever the replicas answer; the level that was reached is told. A batch that is there already is waited for in
    /// the same way.
    ///
    /// - Throws: `StoreError` with `StoreError.Reason.full` where the server is at its bound of memory, or the log at
    ///   that of a string, with `StoreError.Reason.corrupt` where the log is not what was appended to it; nothing was
    ///   committed then. With `StoreError.Reason.unavailable` where the server gave no answer in time.
    /// - Complexity: O(*n*) in the size of the batch; one round trip. A position that more than 1,024 batches follow is
    ///   looked for in several.
    public func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        precondition(batch.position.revision == position.revision.next, "the batch does not follow the position")
        let keys = StoredKeys(key, in: namespace)
        let deadline = deadline + replicaTime * 2
        let isFirst = position.revision == 0
        var call =
            isFirst
            ? ScriptCall(script, .create, keys, parameters: parameters(expecting: position))
            : ScriptCall(script, .commit, keys, parameters: parameters(expecting: position, before: batch.position))
        call.batch = (batch.bytes, layout)
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
            let (verdict, replies) = try await run(call, deadline: deadline)
            switch verdict {
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
            default: throw StoreError(.outOfStep, mayBeCommitted: false)
            }
        }
    }
}

extension RedisStore {
    /// How long replicas are waited for.
    private var replicaTime: TimeAmount {
        if case .replicas(_, let timeout) = acknowledgement { return TimeAmount(timeout) }
        return .zero
    }

    /// The command that waits for replicas.
    private var waiting: [String]? {
        guard case .replicas(let count, let timeout) = acknowledgement else { return nil }
        // To the server no time is for ever.
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
    /// What a guard says of its session's name, for lists.
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
