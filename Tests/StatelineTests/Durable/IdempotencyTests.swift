import Stateline
import StatelineMemory
import StatelineTesting
import Testing

/// Turns with an idempotency key.
@Suite struct IdempotencyTests {
    static let key = SessionKey("s")

    @Test func `the same key and input returns the stored answer without a call, after a cold load too`() async throws {
        let store = MemoryStore()
        let model = StepModel()
        let first = try await Boundary(store: store)
            .session(Self.key, model: model.model, tools: [CountingTool()])
        let response = try await first.respond(to: "tools 1", idempotencyKey: "request-1")
        #expect(!response.isReplayed)
        #expect(response.trace.storeRoundTrips == 2, "one to open the turn, one to commit it")
        try await first.respond(to: "between")
        for session in [first, try await Boundary(store: store).session(Self.key, model: model.model)] {
            let again = try await session.respond(to: "tools 1", idempotencyKey: "request-1")
            #expect(again.isReplayed)
            #expect(again.content == response.content)
            #expect(again.entries == response.entries)
            #expect(again.turn == response.turn)
            #expect(again.finishReason == response.finishReason)
            #expect(again.trace.crossings.isEmpty)
            let streamed = try await session.streamResponse(to: "tools 1", idempotencyKey: "request-1").collect()
            #expect(streamed.content == response.content)
        }
        #expect(model.callCount == 3)
        #expect(first.transcript.count == 6)
    }

    @Test func `the same key with another input is refused`() async throws {
        let session = try await Boundary(store: MemoryStore()).session(Self.key, model: StepModel().model)
        try await session.respond(to: "one", idempotencyKey: "k")
        let error = await #expect(throws: SessionError.self) {
            try await session.respond(to: "two", idempotencyKey: "k")
        }
        guard case .idempotencyMismatch = error else { throw error ?? SessionError.cancelled() }
        #expect(session.transcript.count == 2)
        #expect(!session.isResponding)
    }

    @Test func `concurrent twins pay once`() async throws {
        let store = MemoryStore()
        let model = StepModel { _ in try await Task.sleep(for: .milliseconds(50)) }
        let sessions = try await [Boundary(store: store), Boundary(store: store), Boundary(store: store)]
            .asyncMap { try await $0.session(Self.key, model: model.model) }
        let answers = try await withThrowingTaskGroup(of: Response<String>.self) { group in
            for session in sessions { group.addTask { try await session.respond(to: "hi", idempotencyKey: "k") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.map(\.content) == ["answer to hi", "answer to hi", "answer to hi"])
        #expect(answers.count { $0.isReplayed } == 2)
        #expect(model.callCount == 1)
    }

    @Test func `a failed turn may be made again with its key`() async throws {
        let model = StepModel { call in if call == 1 { throw ModelError.timeout(.total) } }
        let session = try await Boundary(store: MemoryStore())
            .session(Self.key, model: model.model, configuration: SessionConfiguration(retries: .none))
        await #expect(throws: SessionError.self) { try await session.respond(to: "hi", idempotencyKey: "k") }
        #expect(try await session.respond(to: "hi", idempotencyKey: "k").content == "answer to hi")
        #expect(try await session.respond(to: "hi", idempotencyKey: "k").isReplayed)
        #expect(session.transcript.count == 2)
    }

    @Test func `an answer is kept for as long as its retention says`() async throws {
        let clock = ManualTime()
        let model = StepModel()
        let session = try await Boundary(store: MemoryStore(), timestamp: { clock.now })
            .session(
                Self.key,
                model: model.model,
                configuration: SessionConfiguration(turnRetention: .seconds(60))
            )
        try await session.respond(to: "hi", idempotencyKey: "old")
        clock.now = Timestamp(milliseconds: 59_000)
        #expect(try await session.respond(to: "hi", idempotencyKey: "old").isReplayed)
        clock.now = Timestamp(milliseconds: 61_000)
        try await session.respond(to: "hi", idempotencyKey: "new")
        #expect(try await !session.respond(to: "hi", idempotencyKey: "old").isReplayed)
        #expect(model.callCount == 3)
    }
}
