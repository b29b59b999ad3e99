import NIOCore
import StatelineTesting
import Testing

@testable import Stateline
@testable import StatelineModels

/// A dialect of one line that puts the model into the path.
private struct PathDialect: Dialect {
    let name = "path"

    func path(model: String, isStreamed: Bool) -> String { "/model/\(model)/converse" }

    func opening(_ preamble: Transcript.SubSequence) -> ByteBuffer { ByteBuffer() }

    func render(_ entries: ArraySlice<Entry>, after previous: Transcript.SubSequence, into buffer: inout ByteBuffer) {
        for entry in entries { buffer.writeString(entry.text) }
    }

    func declaration(of tools: [ToolDefinition]) -> ByteBuffer { ByteBuffer() }

    func closing(_ call: CallParameters) -> ByteBuffer { ByteBuffer() }

    func headers(isStreamed: Bool) -> [(name: String, value: String)] { [("Content-Type", "application/json")] }

    func makeParser(isStreamed: Bool) -> any AnswerParser { EntryDialect().makeParser(isStreamed: isStreamed) }

    func failure(status: Int, headers: [(name: String, value: String)], body: ByteBuffer) -> ModelError {
        let code = headers.first { $0.name.lowercased() == "x-error" }?.value
        return ModelError(status: status, headers: headers, message: ProviderMessage("refused", code: code))
    }
}

@Suite struct HTTPModelTests {
    private func request(of model: HTTPModel) -> ModelRequest {
        ModelRequest(
            route: model.route,
            path: model.dialect.path(model: model.route.model, isStreamed: false),
            headers: model.dialect.headers(isStreamed: false),
            body: GatherList([ByteBuffer(string: "{}")]),
            transcript: Transcript([.prompt("Hi")])
        )
    }

    @Test func `a dialect chooses the path, and the endpoint keeps its query, headers and key`() async throws {
        try await ScriptedServer.run([.response(body: "{}")]) { server in
            let endpoint = try Endpoint(
                server.baseURL + "/?api-version=1",
                provider: "bedrock",
                headers: [("X-Team", "blue")]
            )
            let model = HTTPModel(
                "claude:1",
                dialect: PathDialect(),
                endpoint: endpoint,
                authentication: .header("x-api-key", APIKey("key-0123456789"))
            )
            #expect(model.route.provider == "bedrock")
            _ = try await model.call(request(of: model), stopwatch: .idle)
            let sent = String(buffer: server.requests[0])
            #expect(sent.hasPrefix("POST /v1/model/claude:1/converse?api-version=1 HTTP/1.1\r\n"))
            #expect(sent.contains("\r\nX-Team: blue\r\n") && sent.contains("\r\nx-api-key: key-0123456789\r\n"))
            #expect(!"\(model) \(endpoint)".contains("key-"))
        }
    }

    @Test func `a dialect says what a failure means, and the provider's code is kept`() async throws {
        let refusal = ScriptedAnswer.response(429, headers: ["X-Error": "Throttled", "Retry-After": "2"], body: "{}")
        try await ScriptedServer.run([refusal]) { server in
            let model = HTTPModel("m", dialect: PathDialect(), endpoint: try Endpoint(server.baseURL, provider: "p"))
            let error = await #expect(throws: ModelError.self) {
                try await model.call(request(of: model), stopwatch: .idle)
            }
            let message = ProviderMessage("refused", code: "Throttled")
            #expect(error == .rateLimited(retryAfter: .seconds(2), message: message))
            #expect(error?.providerMessage?.code == "Throttled")
        }
    }

    @Test(arguments: [
        ("https://api.openai.com/v1", nil, "openai"), ("http://127.0.0.1:8080/v1", nil, "openai_compatible"),
        ("https://api.deepseek.com", "deepseek", "deepseek"),
    ])
    func `the maker of a model names its provider`(url: String, name: String?, provider: String) throws {
        let model = try ChatCompletionsModel(baseURL: url, model: "m", provider: name)
        #expect(model.route.provider == provider)
    }
}
