import Stateline
import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

@Suite struct ToolTests {
    let boundary = Boundary(store: MemoryStore())

    func session(
        _ replies: [LineModel.Reply],
        tools: [any Tool],
        configuration: SessionConfiguration = SessionConfiguration(),
        clock: some Clock<Duration> = ContinuousClock()
    ) async throws -> ModelSession {
        try await Boundary(store: MemoryStore(), clock: clock)
            .session(SessionKey("s"), model: LineModel(replies), tools: tools, configuration: configuration)
    }

    @Test func `the model's calls are run and their outputs stand in its order`() async throws {
        let arrived = Mutex(0)
        let gate = AsyncStream<Void>.makeStream()
        // The first tool returns only once the second one runs: calls run concurrently or never end.
        let one = TestTool(name: "one") {
            for await _ in gate.stream { break }
            return "1"
        }
        let two = TestTool(name: "two") {
            arrived.withLock { $0 += 1 }
            gate.continuation.yield()
            return "2"
        }
        let session = try await session([.calls("one", "two"), .text("both")], tools: [one, two])
        let response = try await session.respond(to: "go")
        #expect(
            session.transcript.map(LineDialect.line) == [
                "prompt:go\n", "call:c0 one {}\ncall:c1 two {}\n", "output:c0 1\n", "output:c1 2\n", "response:both\n",
            ]
        )
        #expect(response.trace.crossings.map(\.step) == [0, 1])
        #expect(arrived.withLock { $0 } == 1)
    }

    @Test func `a tool that never returns is left behind at its limit`() async throws {
        let clock = ManualClock()
        let started = AsyncStream<Void>.makeStream()
        // The tool ignores its cancellation; it is let go at the end of the test.
        let parked = Mutex<CheckedContinuation<Void, Never>?>(nil)
        defer { parked.withLock { $0?.resume() } }
        let stuck = TestTool(name: "stuck", timeout: .seconds(5)) {
            started.continuation.yield()
            await withCheckedContinuation { continuation in parked.withLock { $0 = continuation } }
            return "never"
        }
        let session = try await session([.calls("stuck"), .text("sorry")], tools: [stuck], clock: clock)
        async let response = session.respond(to: "go")
        for await _ in started.stream { break }
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(5))
        #expect(try await response.content == "sorry")
        guard case .toolOutput(let output) = session.transcript[2].content else { throw TestError() }
        #expect(output.isError)
        #expect(output.parts == [.text("\(ToolError.timedOut(tool: "stuck", after: .seconds(5)))")])
    }

    @Test(arguments: [
        ("nobody", "{}", ToolError.unknownTool(name: "nobody")),
        ("fails", "{}", ToolError.failed(tool: "fails", description: "TestError()")),
    ])
    func `a call that cannot be answered is told to the model, or ends the turn on request`(
        name: String,
        arguments: String,
        error: ToolError
    ) async throws {
        let fails = TestTool(name: "fails") { throw TestError() }
        let reply = LineModel.Reply(chunks: ["call:a \(name) \(arguments)\ndone\n"])
        let strict = try await session(
            [reply],
            tools: [fails],
            configuration: SessionConfiguration(toolFailures: .fail)
        )
        let thrown = try await #require(throws: SessionError.self) { try await strict.respond(to: "go") }
        guard case .tool(error, _) = thrown else { throw thrown }
        #expect(strict.transcript.isEmpty)
        let lenient = try await session([reply, .text("sorry")], tools: [fails])
        #expect(try await lenient.respond(to: "go").content == "sorry")
        guard case .toolOutput(let output) = lenient.transcript[2].content else { throw TestError() }
        #expect(output.isError)
        #expect(output.parts == [.text("\(error)")])
    }

    @Test(arguments: ["{", "[]", #"{"a":1,"a":2}"#, "nonsense"])
    func `arguments that are not what the tool takes are refused before it runs`(arguments: String) async throws {
        let wasCalled = Mutex(false)
        let tool = TestTool(name: "one") {
            wasCalled.withLock { $0 = true }
            return ""
        }
        let answer = Answer(
            entries: [Entry(.toolCalls([ToolCall(id: "a", name: "one", arguments: arguments)]))],
            finishReason: .toolCalls
        )
        let session = try await boundary.session(
            SessionKey("s"),
            model: FunctionModel { _ in answer },
            tools: [tool],
            configuration: SessionConfiguration(toolFailures: .fail)
        )
        let error = try await #require(throws: SessionError.self) { try await session.respond(to: "go") }
        guard case .tool(.invalidArguments(tool: "one", _), _) = error else { throw error }
        #expect(!wasCalled.withLock { $0 })
        #expect(session.transcript.isEmpty)
    }

    @Test(arguments: ["", " \n"])
    func `a call without a word for arguments has none`(arguments: String) async throws {
        let call = Answer(
            entries: [Entry(.toolCalls([ToolCall(id: "a", name: "one", arguments: arguments)]))],
            finishReason: .toolCalls
        )
        let model = FunctionModel { request in request.transcript.count == 1 ? call : .text("ok") }
        let session = try await boundary.session(SessionKey("s"), model: model, tools: [TestTool(name: "one")])
        #expect(try await session.respond(to: "go").entries[2].text == "fine")
    }

    @Test func `a loop of tools is bounded`() async throws {
        let calls = [LineModel.Reply](repeating: .calls("one"), count: 10)
        let session = try await session(
            calls,
            tools: [TestTool(name: "one")],
            configuration: SessionConfiguration(maximumSteps: 3)
        )
        let error = try await #require(throws: SessionError.self) { try await session.respond(to: "go") }
        guard case .tooManySteps(limit: 3, _) = error else { throw error }
        #expect(try await session.ledger().count == 3)
        #expect(session.transcript.isEmpty)
    }

    @Test func `calls that were left without an output are repaired, or refused`() async throws {
        let history: [Entry] = [
            .prompt("go"),
            Entry(.toolCalls(["a", "b"].map { ToolCall(id: $0, name: "one", arguments: "{}") })),
            Entry(.toolOutput(ToolOutput(callID: "b", name: "one", text: "fine"))),
        ]
        let store = MemoryStore()
        let repairing = try await Boundary(store: store)
            .session(SessionKey("s"), model: LineModel([]), history: history)
        #expect(repairing.transcript.openToolCalls.map(\.id) == ["a"])
        let strict = try await Boundary(store: store)
            .session(
                SessionKey("s"),
                model: LineModel([]),
                configuration: SessionConfiguration(orphans: .fail)
            )
        await #expect(throws: SessionError.openToolCalls(repairing.transcript.openToolCalls)) {
            try await strict.respond(to: "next")
        }
        #expect(!strict.isResponding)
        let response = try await repairing.respond(to: "next")
        guard case .toolOutput(let output) = response.entries[0].content else { throw TestError() }
        #expect(output.callID == "a" && output.isError)
        #expect(repairing.transcript.openToolCalls.isEmpty)
    }

    @Test func `a typed answer with more tool calls than the limit fails before a tool runs`() async throws {
        let limit = Answer.maximumToolCallCount
        let runs = Mutex(0)
        let tool = TestTool(name: "one") {
            runs.withLock { $0 += 1 }
            return "1"
        }
        let calls = (0...limit).map { ToolCall(id: "\($0)", name: "one", arguments: "{}") }
        let answer = Answer(entries: [Entry(.toolCalls(calls))], finishReason: .toolCalls)
        let session = try await boundary.session(SessionKey("s"), model: FunctionModel { _ in answer }, tools: [tool])
        await #expect(throws: SessionError.model(.tooManyToolCalls(limit: limit))) {
            try await session.respond(to: "go")
        }
        #expect(runs.withLock { $0 } == 0)
        #expect(session.transcript.isEmpty)
    }

    @Test(arguments: [Duration.seconds(1 << 40), .seconds(Int64.max / 2), .seconds(Int64.max)])
    func `a tool with a very long timeout gives its output`(timeout: Duration) async throws {
        let tool = TestTool(name: "one", timeout: timeout) {
            await Task.yield()
            return "1"
        }
        let model = LineModel([.calls("one"), .text("done")])
        let session = try await boundary.session(SessionKey("s"), model: model, tools: [tool])
        let response = try await session.respond(to: "go")
        #expect(response.content == "done")
    }

    @Test func `counts of tokens that are too large are added up to the largest number`() async throws {
        let usage = Usage(input: .init(totalTokenCount: .max), output: .init(totalTokenCount: .max))
        var calls = Answer(
            entries: [Entry(.toolCalls([ToolCall(id: "a", name: "one", arguments: "{}")]))],
            finishReason: .toolCalls
        )
        calls.usage = usage
        let answers = Mutex([calls, Answer.text("done", usage: usage)])
        let model = FunctionModel { _ in answers.withLock { $0.removeFirst() } }
        let session = try await boundary.session(SessionKey("s"), model: model, tools: [TestTool(name: "one")])
        let response = try await session.respond(to: "go")
        #expect(response.usage?.input.totalTokenCount == .max)
        #expect(response.trace.newTokens.map { $0 >= 0 } == true)
    }
}
