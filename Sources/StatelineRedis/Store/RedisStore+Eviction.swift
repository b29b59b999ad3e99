internal import NIOCore
internal import Stateline

extension RedisStore {
    /// Returns the answer for a session of which the server holds nothing.
    ///
    /// A server that evicts may have deleted guard and log together, and then nothing tells such a session from one that
    /// never was. So a store that accepts eviction asks the server, after the answer, for its policy and its count of
    /// evicted keys. The policy is asked because the count begins at 0 when a server starts or a replica is promoted.
    ///
    /// - Parameters:
    ///   - slot: The slot of the session's keys.
    ///   - deadline: The end of the operation.
    /// - Returns: `absent` if the server does not evict and has not evicted since it started, otherwise `evicted`.
    /// - Throws: ``RedisError`` if the server gave no answer.
    /// - Complexity: One round trip if the store accepts eviction, otherwise none.
    func absence(in slot: HashSlot, until deadline: NIODeadline) async throws(RedisError) -> Absence {
        guard acceptsEviction else { return .absent }
        let request = RedisRequest(slot: slot, isRepeatable: true, commands: 2) { encoder in
            encoder.command(["INFO", "memory"])
            encoder.command(["INFO", "stats"])
        }
        guard
            case .array(let replies) = try await sender.send(request, deadline: deadline), replies.count == 2,
            case .bytes(let memory) = replies[0], case .bytes(let stats) = replies[1]
        else {
            // A user without the right to INFO cannot tell either.
            return .evicted
        }
        let isKept = ServerFacts(String(buffer: memory)).mayEvict == false
        return isKept && ServerFacts(String(buffer: stats))["evicted_keys"] == "0" ? .absent : .evicted
    }
}
