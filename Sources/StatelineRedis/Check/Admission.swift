internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Whether the servers may keep sessions, asked once, before the first request, by one for all who come meanwhile.
///
/// A server that gives up keys when its memory is full would delete live sessions. One that does not say what it does is
/// taken, because a user's rights may leave `INFO` out.
final class Admission: Sendable {
    private let isGranted: Atomic<Bool>
    private let answer: SharedResource<Void>

    /// Begins without an answer.
    ///
    /// - Parameters:
    ///   - acceptsEviction: Whether servers that may delete live sessions are taken too, unasked.
    ///   - sender: What leads to the servers.
    ///   - timeout: How long their answers are waited for.
    init(acceptsEviction: Bool, _ sender: any RedisSender, timeout: TimeAmount) {
        self.isGranted = Atomic(acceptsEviction)
        self.answer = SharedResource(
            SharedResource.Rules(
                // What asks is told at once, and the next one asks again: how often is the client's to bound.
                backoff: Backoff(base: .zero, limit: .zero),
                patience: timeout,
                waitingLimit: .max,
                isGood: { true },
                discard: {},
                make: { () async throws(RedisError) in try await Self.ask(sender, deadline: .now() + timeout) }
            ),
            on: MultiThreadedEventLoopGroup.singleton.next(),
            counter: ClientCounter()
        )
    }

    /// Returns where all servers may keep sessions; several callers may ask at once.
    ///
    /// - Throws: ``RedisError``, not sent, where a server may evict, or gave no answer.
    func check(deadline: NIODeadline) async throws(RedisError) {
        if isGranted.load(ordering: .relaxed) { return }
        try await answer.value(until: deadline)
        isGranted.store(true, ordering: .relaxed)
    }

    /// Asks no more.
    func close() {
        answer.beginClose()
    }

    private static func ask(_ sender: any RedisSender, deadline: NIODeadline) async throws(RedisError) {
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
