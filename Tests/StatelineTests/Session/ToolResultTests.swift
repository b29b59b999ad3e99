import NIOCore
import Stateline
import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

@Suite struct ToolResultTests {
    private static let definition = ToolDefinition(
        name: "look",
        description: "Looks.",
        parameters: .object(["at": .string()])
    )

    private static func asking(_ names: String..., arguments: String = "{}") -> ScriptedModel.Reply {
        let calls = names.enumerated().map { ToolCall(id: "c\($0.offset)", name: $0.element, arguments: arguments) }
        return .answer(Answer(entries: [Entry(.toolCalls(calls))], finishReason: .toolCalls))
    }

    private func outputs(_ session: ModelSession) -> [ToolOutput] {
        session.transcript.compactMap { if case .toolOutput(let output) = $0.content { output } else { nil } }
    }

    @Test func `a tool gives parts and says that it failed, and the turn goes on whatever the policy`() async throws {
        let picture = ByteBuffer(bytes: [1, 2, 3])
        let results: [ToolResult] = [
            "plain \(1 + 1)", ToolResult(["city": "Bern", "days": [1, 2.5, nil, true]]),
            .image(picture, mediaType: "image/png"), .failure("no such place"),
        ]
        let tools = results.enumerated()
            .map { index, result in
                JSONTool(ToolDefinition(name: "t\(index)", description: "", parameters: .object())) { _, _ in result }
            }
        let session = try await Boundary(store: MemoryStore())
            .session(
                SessionKey("s"),
                model: ScriptedModel([Self.asking("t0", "t1", "t2", "t3"), .text("done")]),
                tools: tools,
                configuration: SessionConfiguration(toolFailures: .fail)
            )
        try await session.respond(to: "go")
        #expect(
            outputs(session).map(\.parts) == [
                [.text("plain 2")], [.json(#"{"city":"Bern","days":[1,2.5,null,true]}"#)],
                [.image(Media(.data(picture), mediaType: "image/png"))], [.text("no such place")],
            ]
        )
        #expect(outputs(session).map(\.isError) == [false, false, false, true])
    }

    @Test func `a tool learns its session, turn and call, its principal and the application's values`() async throws {
        let seen = Mutex<[ToolContext]>([])
        let tool = JSONTool(Self.definition) { arguments, context in
            seen.withLock { $0.append(context) }
            return ToolResult(arguments.text)
        }
        let session = try await Boundary(store: MemoryStore())
            .session(
                SessionKey("s", tenant: "t"),
                model: ScriptedModel([Self.asking("look", arguments: #"{"at": 1.50}"#), .text("done")]),
                tools: [tool],
                configuration: SessionConfiguration(principal: "anna", attributes: ["request": "r1"])
            )
        let response = try await session.respond(to: "go")
        let context = try #require(seen.withLock { $0.first })
        #expect(context.session == SessionKey("s", tenant: "t") && context.call == "c0")
        #expect(context.principal == "anna" && context.attributes == ["request": "r1"])
        #expect(context.turn != TurnID.random() && !context.isCancelled)
        #expect(response.content == "done")
        // To the letter as the model wrote them.
        #expect(outputs(session)[0].parts == [.text(#"{"at": 1.50}"#)])
    }

    @Test func `two tools of one name are refused before a session is made`() async throws {
        let boundary = Boundary(store: MemoryStore())
        let tool = JSONTool(Self.definition) { _, _ in "" }
        for clientTools in [[], [Self.definition]] {
            let tools: [any Tool] = clientTools.isEmpty ? [tool, tool] : [tool]
            let error = try await #require(throws: SessionError.self) {
                try await boundary.session(
                    SessionKey("s"),
                    model: ScriptedModel([]),
                    tools: tools,
                    clientTools: clientTools
                )
            }
            guard case .tool(.duplicateName("look"), nil) = error else { throw error }
        }
        await #expect(throws: SessionError.self) {
            try await boundary.session(SessionKey("s"), model: ScriptedModel([]), opening: .resume)
        }
    }

    @Test func `a call of a client's tool is given to the caller, after the session's own tools have run`() async throws
    {
        let own = JSONTool(ToolDefinition(name: "own", description: "", parameters: .object())) { _, _ in "mine" }
        let model = ScriptedModel([Self.asking("look", "own"), .text("never"), .text("done")])
        let session = try await Boundary(store: MemoryStore())
            .session(
                SessionKey("s"),
                model: model,
                tools: [own],
                clientTools: [Self.definition]
            )
        let error = try await #require(throws: SessionError.self) { try await session.respond(to: "go") }
        guard case .turnWaiting(_, _, let actions) = error else { throw error }
        #expect(actions.map(\.call.name) == ["look"])
        #expect(actions.map(\.kind) == [.clientTool])
        #expect(model.requests.map { $0.tools.map(\.name) } == [["own", "look"]])
        let output = ToolOutput(callID: actions[0].call.id, name: "look", text: "seen")
        try await session.resume(answering: [.output(output)])
        #expect(model.requests.last?.transcript.map(\.text).contains("mine") == true)
    }

    @Test func `a turn takes the output of a client's tool`() async throws {
        let session = try await Boundary(store: MemoryStore())
            .session(
                SessionKey("s"),
                model: ScriptedModel([]),
                clientTools: [Self.definition]
            )
        var turn = try await session.checkout("go")
        let call = ToolCall(id: "c0", name: "look", arguments: "{}")
        try turn.append(Answer(entries: [Entry(.toolCalls([call]))], finishReason: .toolCalls))
        try turn.append([ToolOutput(callID: "c0", name: "look", text: "seen")])
        try turn.append(.text("done"))
        _ = try await turn.commit()
        #expect(outputs(session).map(\.parts) == [[.text("seen")]])
    }
}
