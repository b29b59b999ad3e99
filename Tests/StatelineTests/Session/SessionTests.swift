import Stateline
import StatelineMemory
import StatelineTesting
import Testing

@Suite struct SessionTests {
    let boundary = Boundary(store: MemoryStore())

    @Test func `a turn adds the prompt and the response`() async throws {
        let session = try await boundary.session("s", instructions: "Be brief.")
        let response = try await session.respond(to: "hello")
        #expect(response.content == "ok")
        #expect(
            session.transcript.map(LineDialect.line) == [
                "instructions:Be brief.\n", "prompt:hello\n", "response:ok\n",
            ]
        )
        #expect(response.entries == Array(session.transcript.suffix(2)))
        #expect(response.revision == 2)
        #expect(response.usage?.output.totalTokenCount == 7)
    }

    @Test func `opening tells absent from existing and deleted`() async throws {
        await #expect(throws: SessionError.gone(SessionKey("s"), .absent)) {
            try await boundary.session("s", opening: .resume)
        }
        _ = try await boundary.session("s", opening: .create)
        await #expect(throws: SessionError.alreadyExists(SessionKey("s"))) {
            try await boundary.session("s", opening: .create)
        }
        try await boundary.delete(SessionKey("s"))
        await #expect(throws: SessionError.gone(SessionKey("s"), .deleted)) { try await boundary.session("s") }
    }

    @Test(arguments: ["", String(repeating: "x", count: SessionKey.maximumLength + 1)])
    func `ids of a bad length are refused`(id: String) async throws {
        await #expect(throws: SessionError.invalidKey(SessionKey(id))) { try await boundary.session(id) }
    }

    @Test(arguments: ["a/b", "{x}", "a:b", "*", "a\nb", "a\u{0}b", String(repeating: "k", count: 10_000)])
    func `any other id names a session of its own`(id: String) async throws {
        let session = try await boundary.session(id)
        try await session.respond(to: "hello")
        let again = try await boundary.session(id, opening: .resume)
        #expect(again.transcript.count == 2)
        let other = try await boundary.session(SessionKey(id, tenant: "other"), model: LineModel([]))
        #expect(other.transcript.isEmpty)
    }

    @Test func `two responses at once on one handle are refused`() async throws {
        let session = try await boundary.session("s")
        let turn = try await session.checkout("first")
        #expect(session.isResponding)
        await #expect(throws: SessionError.concurrentRequests) { try await session.respond(to: "second") }
        await #expect(throws: SessionError.concurrentRequests) { try await session.rewind(to: 1) }
        await turn.abandon()
        #expect(!session.isResponding)
        try await session.respond(to: "third")
        #expect(session.transcript.map(\.text) == ["third", "ok"])
    }

    @Test func `an empty prompt is refused before anything crosses`() async throws {
        let model = LineModel([])
        let session = try await boundary.session(SessionKey("s"), model: model)
        await #expect(throws: SessionError.emptyPrompt) { try await session.respond(to: "") }
        await #expect(throws: SessionError.emptyPrompt) { try await session.respond(to: Prompt([])) }
        #expect(model.bodies.isEmpty)
        #expect(!session.isResponding)
    }

    @Test func `any function is a model`() async throws {
        let echo = FunctionModel { request in .text("you said \(request.transcript.last?.text ?? "")") }
        let session = try await boundary.session(SessionKey("s"), model: echo)
        #expect(try await session.respond(to: "hello").content == "you said hello")
        let failing = FunctionModel { _ in throw TestError() }
        let other = try await boundary.session(SessionKey("t"), model: failing)
        await #expect(throws: SessionError.model(.function(description: "TestError()"))) {
            try await other.respond(to: "hello")
        }
    }

    @Test func `streaming gives the pieces and commits the same entries`() async throws {
        let reply = LineModel.Reply(chunks: ["text:a", "b\ntext:c\nd", "one\n"])
        let plain = try await boundary.session(SessionKey("plain"), model: LineModel([reply]))
        let streamed = try await boundary.session(SessionKey("streamed"), model: LineModel([reply]))
        let response = try await plain.respond(to: "hello")
        var pieces = ""
        var last: Response<String>?
        for try await part in streamed.streamResponse(to: "hello") {
            switch part {
            case .text(let text): pieces += text
            case .response(let response): last = response
            case .reasoning, .refusal, .toolCallDelta, .item, .toolCall, .toolOutput: Issue.record("unexpected \(part)")
            }
        }
        #expect(pieces == "abc")
        #expect(last?.entries == response.entries)
        #expect(plain.transcript == streamed.transcript)
        #expect(try await streamed.streamResponse(to: "more").collect().content == "ok")
    }

    @Test func `a response tells how far its commit had got`() async throws {
        let inProcess = try await Boundary(store: MemoryStore())
            .session(SessionKey("s"), model: LineModel([.text("a")]))
        #expect(try await inProcess.respond(to: "hello").acknowledged == .memory)
        let replicated = try await Boundary(store: ReplicatedStore())
            .session(SessionKey("s"), model: LineModel([.text("a")]))
        #expect(try await replicated.respond(to: "hello").acknowledged == .replicas(2))
    }
}

extension SessionConfiguration {
    /// A configuration whose calls are made once, for tests of failed calls.
    static let withoutRetries = SessionConfiguration(retries: .none)
}

extension Boundary {
    /// Opens a session with a model of the tests' own.
    func session(
        _ id: String,
        instructions: String? = nil,
        opening: Opening = .resumeOrCreate
    ) async throws(SessionError) -> ModelSession {
        try await session(SessionKey(id), model: LineModel([]), instructions: instructions, opening: opening)
    }
}

/// A store that says it has two replicas.
private struct ReplicatedStore: ForwardingStore {
    let base: any SessionStore = MemoryStore()

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        guard case .committed = try await base.append(batch, to: key, expecting: position) else { return .regressed }
        return .committed(.replicas(2))
    }
}
