internal import NIOCore
internal import Stateline

extension RedisStore {
    /// Returns the absence of a session without keys.
    ///
    /// A server that evicts may have deleted both guard and log, and then such a session looks like one that never
    /// existed. So a store that accepts eviction asks the server for its policy and its count of evicted keys
    /// afterwards. It asks for the policy too, because the count starts at 0 when a server starts or a replica is
    /// promoted.
    ///
    /// - Parameters:
    ///   - slot: The slot of the session's keys.
    ///   - deadline: The end of the operation.
    /// - Returns: `absent` if the server does not evict and has not evicted since it started, otherwise `evicted`.
    /// - Throws: `StoreError` if the server gave no answer.
    /// - Complexity: One round trip if the store accepts eviction, otherwise none.
    func absence(in slot: HashSlot, until deadline: NIODeadline) async throws(StoreError) -> Absence {
        guard acceptsEviction else { return .absent }
        let request = RedisRequest(slot: slot, isRepeatable: true, commands: 2) { encoder in
            encoder.command(["INFO", "memory"])
            encoder.command(["INFO", "stats"])
        }
        let reply: RESPValue
        do throws(RedisError) {
            reply = try await sender.send(request, deadline: deadline)
        } catch {
            throw StoreError(error, maybeCommitted: false)
        }
        guard
            case .array(let replies) = reply, replies.count == 2, case .bytes(let memory) = replies[0],
            case .bytes(let stats) = replies[1]
        else {
            // Without the right to INFO, eviction cannot be excluded.
            return .evicted
        }
        let isKept = ServerFacts(String(buffer: memory)).mayEvict == false
        return isKept && ServerFacts(String(buffer: stats))["evicted_keys"] == "0" ? .absent : .evicted
    }
}
