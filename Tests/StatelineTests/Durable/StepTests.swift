import Stateline
import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

/// A turn that is kept step by step.
@Suite struct StepTests {
    static let key = SessionKey("s")

    static func configuration(_ change: (inout SessionConfiguration) -> Void = { _ in }) -> SessionConfiguration {
        var configuration = SessionConfiguration(retries: .none, durability: .step)
        change(&configuration)
        return configuration
    }

    static func batches(_ store: MemoryStore, _ key: SessionKey = key) async throws -> [Batch] {
        guard case .tail(let batches) = try await store.load(key, after: nil) else { return [] }
        return try batches.map { try $0.decoded().batch }
    }

    @Test(arguments: [false, true])
    func `each answer and each output is a batch, and the end writes no entry again`(isStreamed: Bool) async throws {
        let store = MemoryStore()
        let (model, tool) = (StepModel(), CountingTool())
        let session = try await Boundary(store: store)
            .session(Self.key, model: model.model, tools: [tool], configuration: Self.configuration())
        let response =
            if isStreamed {
                try await session.streamResponse(to: "tools 2").collect()
            } else {
                try await session.respond(to: "tools 2")
            }
        #expect(response.content == "answer to tools 2")
        let batches = try await Self.batches(store)
        // Creation, opening, three answers, two outputs, the end.
        #expect(batches.map(\.kind) == [.creation, .step, .step, .step, .step, .step, .step, .turn])
        #expect(batches.map(\.entries.count) == [0, 1, 1, 1, 1, 1, 1, 0])
        #expect(batches.flatMap(\.crossings).count == 3)
        #expect(response.trace.storeRoundTrips == 3 + 2 + 2, "one for each answer and output, plus two")
        #expect(session.transcript.count == 6)
        #expect(response.entries == Array(session.transcript))
        // A reader that begins with the log sees the same.
        let reader = try await Boundary(store: store).session(Self.key, model: model.model)
        #expect(reader.transcript == session.transcript)
        #expect(reader.snapshot.head == session.snapshot.head)
        #expect(reader.snapshot.openTurn == nil)
        let next = try await reader.respond(to: "next")
        #expect(next.content == "answer to next")
    }

    @Test func `the entries of an open turn are in the log and outside of the view`() async throws {
        let store = MemoryStore()
        let seen = Mutex<[(Int, Bool, Int)]>([])
        let tool = CountingTool(work: {
            let reader = try await Boundary(store: store).session(Self.key, model: StepModel().model)
            let snapshot = reader.snapshot
            seen.withLock {
                $0.append((snapshot.transcript.count, snapshot.openTurn != nil, snapshot.head.totals.entries))
            }
            return "done"
        })
        let session = try await Boundary(store: store)
            .session(
                Self.key,
                model: StepModel().model,
                tools: [tool],
                instructions: "Be brief.",
                configuration: Self.configuration()
            )
        try await session.respond(to: "tools 1")
        let during = seen.withLock { $0 }
        #expect(during.map(\.0) == [1])
        #expect(during.map(\.1) == [true])
        #expect(during.map(\.2) == [3])
        #expect(session.transcript.count == 5)
    }

    @Test func `a rewind to a revision within a turn shows the view of that time`() async throws {
        let session = try await Boundary(store: MemoryStore())
            .session(
                Self.key,
                model: StepModel().model,
                tools: [CountingTool()],
                configuration: Self.configuration()
            )
        try await session.respond(to: "first")
        let first = session.transcript
        let revision = session.snapshot.position.revision
        try await session.respond(to: "tools 1")
        let both = session.transcript
        let end = session.snapshot.position.revision
        for middle in revision.rawValue..<end.rawValue {
            try await session.rewind(to: Revision(rawValue: middle))
            #expect(session.transcript == first, "revision \(middle)")
        }
        try await session.rewind(to: end)
        #expect(session.transcript == both)
    }

    @Test func `a failed turn leaves the view as it was, and its draft can be committed`() async throws {
        let store = MemoryStore()
        let model = StepModel { number in if number == 2 { throw ModelError.timeout(.total) } }
        let session = try await Boundary(store: store)
            .session(Self.key, model: model.model, tools: [CountingTool()], configuration: Self.configuration())
        let error = await #expect(throws: SessionError.self) { try await session.respond(to: "tools 1") }
        #expect(session.transcript.isEmpty)
        #expect(session.snapshot.openTurn == nil)
        #expect(!session.isResponding)
        let draft = try #require(error?.draft)
        #expect(draft.entries.count == 3)
        try await session.commit(draft)
        #expect(Array(session.transcript) == draft.entries)
        #expect(try await session.ledger().count == 2)
        #expect(try await Self.batches(store).flatMap(\.entries).count == 3, "the entries were written once")
        try await session.commit(draft)
        #expect(Array(session.transcript) == draft.entries, "a draft is committed once")
        try await session.respond(to: "go on")
        #expect(session.transcript.count == 5)
    }
}

extension SessionConfiguration {
    static let steps = SessionConfiguration(retries: .none, durability: .step)
}
