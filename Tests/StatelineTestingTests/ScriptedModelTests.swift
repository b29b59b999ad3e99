import NIOCore
import Stateline
import StatelineMemory
import StatelineTesting
import Testing

@Suite struct ScriptedModelTests {
    private static func session(
        _ replies: ScriptedModel.Reply...,
        clock: ManualClock = ManualClock()
    ) async throws -> (session: ModelSession, model: ScriptedModel) {
        let model = ScriptedModel(replies, clock: clock)
        let boundary = Boundary(store: MemoryStore(), clock: clock)
        return (try await boundary.session(SessionKey("session"), model: model), model)
    }

    @Test func `each call takes the next reply, and its request is kept`() async throws {
        let (session, model) = try await Self.session(.text("one"), .text("two"))
        #expect(try await session.respond(to: "a").content == "one")
        #expect(try await session.respond(to: "b").content == "two")
        #expect(model.requests.map { $0.transcript.map(\.text) } == [["a"], ["a", "one", "b"]])
    }

    @Test func `a call after the last reply fails`() async throws {
        let (session, _) = try await Self.session()
        await #expect(throws: SessionError.self) { try await session.respond(to: "a") }
    }

    @Test func `time passes where the script says so`() async throws {
        let clock = ManualClock()
        let reply = ScriptedModel.Reply([
            .advance(by: .milliseconds(3)), .lap(.connect), .advance(by: .milliseconds(4)), .lap(.send),
            .advance(by: .milliseconds(5)), .lap(.firstByte), .answer(.text("done")),
        ])
        let (session, _) = try await Self.session(reply, clock: clock)
        let trace = try await session.respond(to: "a").trace
        #expect(trace[.connect] == .milliseconds(3))
        #expect(trace[.send] == .milliseconds(4))
        #expect(trace[.firstByte] == .milliseconds(5))
        #expect(trace.total == .milliseconds(12))
    }

    @Test func `bytes come in pieces, and none are lost`() async throws {
        let bytes = ByteBuffer(string: "0123456789")
        for length in [1, 3, 10, 11, .max] {
            let chunks = ScriptedModel.Reply.bytes(bytes, inPiecesOf: length).events
                .map { event in
                    if case .chunk(let chunk) = event { String(buffer: chunk) } else { "" }
                }
            #expect(chunks.joined() == "0123456789")
            #expect(chunks.count == (9 + min(length, 10)) / min(length, 10))
        }
        #expect(ScriptedModel.Reply.bytes(ByteBuffer()).events.isEmpty)
    }

    @Test func `a hanging call ends when its task is cancelled`() async throws {
        let (called, continuation) = AsyncStream<Void>.makeStream()
        let (session, _) = try await Self.session(.init([.perform { continuation.finish() }, .hang]))
        let turn = Task { try await session.respond(to: "a").content }
        for await _ in called {}
        turn.cancel()
        await #expect(throws: SessionError.self) { try await turn.value }
        #expect(session.transcript.isEmpty)
    }
}
