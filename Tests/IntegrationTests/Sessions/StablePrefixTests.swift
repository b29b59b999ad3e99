import NIOCore
import Stateline
import StatelineMemory
import StatelineDialects
import StatelineTesting
import Testing

@Suite struct StablePrefixTests {
    private struct Echo: Tool {
        struct Arguments: Decodable, Sendable {
            let text: String
        }

        let name = "echo"
        let description = "Says it again."
        let parameters = JSONSchema.object(["text": .string()], required: ["text"])

        func call(arguments: Arguments, context: ToolContext) async throws -> String { arguments.text }
    }

    @Test func `each request's transcript begins with the bytes of the one before, over 1,000 turns with tools`()
        async throws
    {
        // Every third turn calls a tool, every ninth two at once; a last entry of the tool's ends the step.
        let model = ScriptedModel(dialect: ChatCompletions()) { call, request in
            let turn = request.transcript.count { if case .prompt = $0.content { true } else { false } }
            if case .prompt? = request.transcript.last?.content, turn.isMultiple(of: 3) {
                let calls = (0..<(turn.isMultiple(of: 9) ? 2 : 1))
                    .map { index in
                        ToolCall(id: "call-\(call)-\(index)", name: "echo", arguments: #"{"text":"„\#(turn)“ 🧭"}"#)
                    }
                return .answer(
                    Answer(entries: [.response("Wait."), Entry(.toolCalls(calls))], finishReason: .toolCalls)
                )
            }
            return .text("Answer \(turn): \"quoted\"\n")
        }
        let session = try await Boundary(store: MemoryStore())
            .session(SessionKey("s"), model: model, tools: [Echo()], instructions: "Be brief.")
        for turn in 0..<1000 { try await session.respond(to: "Prompt \(turn)") }
        let bodies = model.requests.map { $0.body.joined() }
        #expect(bodies.count == 1333)
        let dialect = ChatCompletions()
        var closing = dialect.declaration(of: [Echo().definition])
        closing.writeImmutableBuffer(
            dialect.closing(CallParameters(model: model.route.model))
        )
        for (before, after) in zip(bodies, bodies.dropFirst()) {
            let transcript = before.readableBytes - closing.readableBytes
            #expect(before.getSlice(at: transcript, length: closing.readableBytes) == closing)
            #expect(before.getSlice(at: 0, length: transcript) == after.getSlice(at: 0, length: transcript))
        }
        #expect(model.requests.allSatisfy { $0.body.chunks.count <= 32 })
    }

    @Test func `a body of 10 MiB is at most 32 chunks`() async throws {
        let model = ScriptedModel(dialect: ChatCompletions()) { _, _ in .text(String(repeating: "a", count: 1024)) }
        let session = try await Boundary(store: MemoryStore()).session(SessionKey("s"), model: model)
        let prompt = String(repeating: "p", count: 1024)
        var most = 0
        for _ in 0..<5200 {
            var turn = try await session.checkout(Prompt(prompt))
            most = max(most, turn.request.body.chunks.count)
            try turn.append(.text(prompt))
            _ = try await turn.commit()
        }
        var last = try await session.checkout("end")
        let byteCount = last.request.body.byteCount
        #expect(byteCount > 10 << 20)
        #expect(most <= 32)
    }
}
