import Stateline
import StatelineMemory
import StatelineTesting
import Testing

@Suite struct GenerationOptionsTests {
    @Test func `options of a turn replace those of its session, by name where they have names`() {
        let session = GenerationOptions(
            temperature: 0.5,
            topP: 0.9,
            seed: 1,
            stopSequences: ["a"],
            toolChoice: .noTool,
            responseFormat: .jsonObject,
            providerMembers: ["a": 1, "b": 1],
            headers: ["X-A": "1", "X-B": "1"]
        )
        let turn = GenerationOptions(
            temperature: 0,
            stopSequences: [],
            promptCacheKey: "k",
            providerMembers: ["b": 2, "c": 2],
            headers: ["x-b": "2", "X-C": "2"]
        )
        let merged = turn.merging(session)
        var expected = GenerationOptions(
            temperature: 0,
            topP: 0.9,
            seed: 1,
            stopSequences: [],
            toolChoice: .noTool,
            responseFormat: .jsonObject,
            promptCacheKey: "k",
            providerMembers: ["a": 1, "b": 2, "c": 2]
        )
        expected.headers = ["X-A": "1", "X-B": "2", "X-C": "2"]
        #expect(merged == expected)
        #expect(GenerationOptions().merging(session) == session && session.merging(GenerationOptions()) == session)
    }

    static let faults: [(GenerationOptions, String)] = [
        (.init(temperature: .nan), "temperature"), (.init(topP: .infinity), "topP"),
        (.init(maximumResponseTokens: 0), "maximumResponseTokens"), (.init(toolChoice: .required), "no tools"),
        (.init(toolChoice: .tool("gone")), "no tool gone"),
        (.init(responseFormat: .jsonSchema("", .object())), "response format"),
        (.init(responseFormat: .jsonSchema("a b", .object())), "response format"),
        (.init(responseFormat: .jsonSchema(String(repeating: "a", count: 65), .object())), "response format"),
        (.init(headers: ["X A": "1"]), "name of a header"), (.init(headers: ["": "1"]), "name of a header"),
        (.init(headers: ["X-A": "secret\r\nX-B: 1"]), "the header X-A"), (.init(headers: ["X-A": "a\u{0}"]), "X-A"),
    ]

    @Test(arguments: faults, [false, true])
    func `options that no provider could take begin no turn`(
        fault: (options: GenerationOptions, text: String),
        isSessions: Bool
    ) async throws {
        let model = ScriptedModel([])
        let session = try await Boundary(store: MemoryStore())
            .session(
                SessionKey("s"),
                model: model,
                configuration: SessionConfiguration(options: isSessions ? fault.options : GenerationOptions())
            )
        let error = await #expect(throws: SessionError.self) {
            try await session.respond(to: "go", options: isSessions ? GenerationOptions() : fault.options)
        }
        guard case .invalidOptions(let text)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(text.contains(fault.text) && !text.contains("secret"), "\(text)")
        #expect(model.requests.isEmpty && !session.isResponding)
    }

    @Test func `a tool call is forced once in a turn`() async throws {
        struct Look: Tool {
            struct Arguments: Decodable, Sendable {}
            let name = "look"
            let description = "Looks."
            let parameters = JSONSchema.object()
            func call(arguments: Arguments, context: ToolContext) async throws -> String { "seen" }
        }
        for choice in [ToolChoice.required, .tool("look"), .automatic, .noTool] {
            let model = ScriptedModel([.toolCalls(ToolCall(id: "1", name: "look", arguments: "{}")), .text("ok")])
            let session = try await Boundary(store: MemoryStore())
                .session(SessionKey("s"), model: model, tools: [Look()])
            try await session.respond(to: "go", options: GenerationOptions(toolChoice: choice))
            let isForced = choice == .required || choice == .tool("look")
            #expect(model.requests.map(\.options.toolChoice) == [choice, isForced ? nil : choice])
        }
    }

    @Test func `a header's value is in no description`() {
        let options = GenerationOptions(headers: ["X-Key": "canary"])
        var dumped = ""
        dump(SessionConfiguration(options: options), to: &dumped)
        #expect(!"\(options) \(String(reflecting: options)) \(dumped)".contains("canary"))
        #expect("\(options.headers)" == #"["X-Key"]"# && options.headers["x-key"] == "canary")
    }
}
