import Foundation
import Stateline
import StatelineMemory
import Testing

/// The JSON of what a turn gives: names in snake case, times in whole nanoseconds, and the same value when it is read.
@Suite struct TurnJSONTests {
    private func copy<Value: Codable>(_ value: Value) throws -> Value {
        try JSONDecoder().decode(Value.self, from: try JSONEncoder().encode(value))
    }

    private func members(_ value: some Encodable) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: try JSONEncoder().encode(value))
        return try #require(object as? [String: Any])
    }

    @Test func `a trace is read as it was written`() async throws {
        let session = try await Boundary(store: MemoryStore()).session(SessionKey("s"), model: LineModel([]))
        let trace = try await session.respond(to: "hello").trace
        let read = try copy(trace)
        #expect(read == trace)
        #expect(read.stages.sum == trace.stages.sum)
        let members = try members(trace)
        #expect(members["total_nanoseconds"] as? Int64 == Int64(trace.total / .nanoseconds(1)))
        #expect((members["stage_nanoseconds"] as? [String: Any])?["store_commit"] is Int)
        #expect((members["prefix"] as? [String: Any])?["kind"] as? String == "first")
    }

    @Test func `a response is read as it was written`() async throws {
        let session = try await Boundary(store: MemoryStore()).session(SessionKey("s"), model: LineModel([]))
        let response = try await session.respond(to: "hello")
        let read = try copy(response)
        #expect(read.content == "ok")
        #expect(read.entries == response.entries)
        #expect(read.finishReason == response.finishReason)
        #expect(read.usage == response.usage)
        #expect(read.revision == response.revision)
        #expect(read.trace == response.trace)
        #expect(try members(response)["finish_reason"] as? String == "stop")
    }

    @Test func `a draft can be committed by another process`() async throws {
        let store = MemoryStore()
        let session = try await Boundary(store: store).session(SessionKey("s"), model: LineModel([]))
        var turn = try await session.checkout("And \(2) days on?")
        try turn.append(Answer.text("rain"))
        let kept = turn.draft
        let draft = try copy(try #require(kept))
        #expect(draft == kept)
        _ = consume turn
        let other = try await Boundary(store: store).session(SessionKey("s"), model: LineModel([]))
        try await other.commit(draft)
        try await other.commit(draft)
        #expect(other.transcript.map(\.text) == ["And 2 days on?", "rain"], "once, however often it is committed")
    }

    @Test(arguments: [Acknowledged.memory, .primary, .replicas(2)])
    func `a level of acknowledgement is an object with its name`(level: Acknowledged) throws {
        #expect(try copy(level) == level)
        #expect(try members(level)["level"] is String)
    }

    @Test(arguments: [TurnTrace.PrefixStability.first, .extended, .broken(at: 7)])
    func `the stability of a prefix is an object with its kind`(prefix: TurnTrace.PrefixStability) throws {
        #expect(try copy(prefix) == prefix)
    }
}
