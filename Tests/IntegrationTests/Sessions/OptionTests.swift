import NIOCore
import Stateline
import StatelineMemory
import StatelineModels
import StatelineTesting
import Testing

/// Each option, in the bytes of a session's request.
@Suite struct OptionTests {
    private struct Look: Tool {
        struct Arguments: Decodable, Sendable {}

        let name = "look"
        let description = "Looks."
        let parameters = JSONSchema.object()

        func call(arguments: Arguments, context: ToolContext) async throws -> String { "seen" }
    }

    /// An option, and the member of the body or the line of the head that it becomes.
    struct Option: Sendable, CustomTestStringConvertible {
        let options: GenerationOptions
        let bytes: String

        init(_ options: GenerationOptions, _ bytes: String) {
            self.options = options
            self.bytes = bytes
        }

        var testDescription: String { bytes.trimmingPrefix("\r\n").description }
    }

    private static let schema = JSONSchema.object(["city": .string()], required: ["city"], allowsMore: false)
    private static let schemaText =
        #"{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}"#

    static let options: [Option] = [
        Option(.init(temperature: 0.25), #","temperature":0.25"#),
        Option(.init(maximumResponseTokens: 9), #","max_tokens":9"#), Option(.init(topP: 0.5), #","top_p":0.5"#),
        Option(.init(seed: 42), #","seed":42"#), Option(.init(stopSequences: ["\n", "b"]), #","stop":["\n","b"]"#),
        Option(.init(toolChoice: .automatic), #","tool_choice":"auto""#),
        Option(.init(toolChoice: .noTool), #","tool_choice":"none""#),
        Option(.init(toolChoice: .required), #","tool_choice":"required""#),
        Option(.init(toolChoice: .tool("look")), #","tool_choice":{"type":"function","function":{"name":"look"}}"#),
        Option(.init(allowsParallelToolCalls: false), #","parallel_tool_calls":false"#),
        Option(.init(responseFormat: .text), #","response_format":{"type":"text"}"#),
        Option(.init(responseFormat: .jsonObject), #","response_format":{"type":"json_object"}"#),
        Option(
            .init(responseFormat: .jsonSchema("place", schema, isStrict: true, description: "A city.")),
            #","response_format":{"type":"json_schema","json_schema":{"name":"place","description":"A city.","#
                + #""schema":\#(schemaText),"strict":true}}"#
        ),
        Option(
            .init(responseFormat: .jsonSchema("place", schema)),
            #","response_format":{"type":"json_schema","json_schema":{"name":"place","schema":\#(schemaText)}}"#
        ),
        Option(.init(reasoningEffort: .low), #","reasoning_effort":"low""#),
        Option(.init(promptCacheKey: "tenant-7"), #","prompt_cache_key":"tenant-7""#),
        Option(.init(providerMembers: ["service_tier": "flex"]), #","service_tier":"flex""#),
        Option(.init(headers: ["X-Request-Id": "42"]), "\r\nX-Request-Id: 42\r\n"),
        Option(.init(headers: ["x-team": "red"]), "\r\nx-team: red\r\n"),
    ]

    private static let answer =
        #"{"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}"#

    /// The request of one turn.
    private func request(
        _ options: GenerationOptions = GenerationOptions(),
        session: GenerationOptions = GenerationOptions(),
        tools: [any Tool] = [Look()],
        isStreamed: Bool = false
    ) async throws -> String {
        try await ScriptedServer.run([.response(body: Self.answer)]) { server in
            let model = try ChatCompletionsModel(
                baseURL: server.baseURL,
                model: "m",
                apiKey: APIKey("key-0123"),
                headers: [("X-Team", "blue")]
            )
            let session = try await Boundary(store: MemoryStore())
                .session(
                    SessionKey("s"),
                    model: model,
                    tools: tools,
                    configuration: SessionConfiguration(options: session)
                )
            if isStreamed {
                _ = try await session.streamResponse(to: "go", options: options).collect()
            } else {
                try await session.respond(to: "go", options: options)
            }
            #expect(server.requests.count == 1)
            return String(buffer: server.requests[0])
        }
    }

    @Test(arguments: options)
    func `an option of a turn or of its session is in the bytes of the request`(option: Option) async throws {
        #expect(try await !request().contains(option.bytes), "it is there by the option alone")
        #expect(try await request(option.options).contains(option.bytes))
        #expect(try await request(session: option.options).contains(option.bytes))
        #expect(try await request(option.options, isStreamed: true).contains(option.bytes))
    }

    @Test func `options of tool calls are not sent without tools`() async throws {
        let options = GenerationOptions(toolChoice: .automatic, allowsParallelToolCalls: false)
        let sent = try await request(session: options, tools: [])
        #expect(!sent.contains("tool"))
    }

    @Test func `a header of the turn replaces one of the session and of the endpoint, and never the key`() async throws
    {
        let options = GenerationOptions(headers: ["x-team": "red", "Authorization": "Bearer mine"])
        let sent = try await request(options, session: .init(headers: ["X-TEAM": "green", "X-Session": "1"]))
        #expect(sent.contains("\r\nx-team: red\r\n") && sent.contains("\r\nX-Session: 1\r\n"))
        #expect(!sent.contains("blue") && !sent.contains("green") && !sent.contains("mine"))
        #expect(sent.contains("\r\nAuthorization: Bearer key-0123\r\n"))
    }

    @Test(arguments: [false, true])
    func `a value of a request's header is in no error`(isStreamed: Bool) async throws {
        let canary = "canary-0123456789"
        let echo = #"{"error":{"message":"the key \#(canary) is wrong"}}"#
        let answers: [ScriptedAnswer] = [
            .response(401, body: echo), .response(body: echo), .response(type: canary, body: "{}"),
            .response(type: "text/event-stream", body: "data: \(echo)\n\n"),
        ]
        for answer in answers {
            try await ScriptedServer.run([answer]) { server in
                let model = try ChatCompletionsModel(baseURL: server.baseURL, model: "m")
                let session = try await Boundary(store: MemoryStore()).session(SessionKey("s"), model: model)
                let options = GenerationOptions(headers: ["X-Tenant-Key": canary])
                let error = await #expect(throws: SessionError.self) {
                    if isStreamed {
                        _ = try await session.streamResponse(to: "go", options: options).collect()
                    } else {
                        try await session.respond(to: "go", options: options)
                    }
                }
                let text = error.map { "\($0) \(String(reflecting: $0))" } ?? ""
                #expect(!text.isEmpty && !text.contains(canary), "\(text)")
            }
        }
    }
}
