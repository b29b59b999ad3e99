internal import NIOCore
internal import Synchronization

/// Whether the servers may keep sessions, asked once, before the first request.
///
/// A server that gives up keys when its memory is full would delete live sessions. One that does not say what it does is
/// taken, because a user's rights may leave `INFO` out.
final class Admission: Sendable {
    private let isGranted: Atomic<Bool>

    /// Begins without an answer.
    ///
    /// - Parameter acceptsEviction: Whether servers that may delete live sessions are taken too, unasked.
    init(acceptsEviction: Bool) {
        self.isGranted = Atomic(acceptsEviction)
    }

    /// Returns where all servers may keep sessions; several callers may ask at once.
    ///
    /// - Throws: ``RedisError``, not sent, where a server may evict, or gave no answer.
    func check(_ sender: some RedisSender, deadline: NIODeadline) async throws(RedisError) {
        if isGranted.load(ordering: .relaxed) { return }
        for slot in try await sender.primarySlots(deadline: deadline) {
            let request = RedisRequest(slot: slot, isRepeatable: true) { encoder in
                encoder.command(2)
                encoder.argument("INFO")
                encoder.argument("memory")
            }
            let reply: RESPValue
            do throws(RedisError) { reply = try await sender.send(request, deadline: deadline) } catch {
                throw RedisError(error.reason, .notSent, message: error.message)
            }
            guard case .bytes(let text) = reply else { continue }
            let facts = ServerFacts(String(buffer: text))
            if facts.mayEvict == true { throw .evicts(facts["maxmemory_policy"] ?? "") }
        }
        isGranted.store(true, ordering: .relaxed)
    }
}

extension RedisError {
    /// The server would delete live sessions.
    fileprivate static func evicts(_ policy: String) -> RedisError {
        RedisError(
            .denied,
            .notSent,
            message: "the server deletes live sessions when its memory is full (maxmemory-policy \(policy)): "
                + "set noeviction there, or make the store with acceptsEviction: true"
        )
    }
}
