import NIOCore
import Stateline
import StatelineMemory
import StatelineDialects
import StatelineModels
import StatelineTesting
import StatelineUpstream
import Testing

/// What providers send when things go wrong: one clear error each, and a session that is as it was.
@Suite struct BadInputTests {
    /// An answer that is not one, and the error's code.
    struct Fault: Sendable, CustomTestStringConvertible {
        let name: String
        let code: String
        let answer: ScriptedAnswer

        init(_ name: String, _ code: String, _ answer: ScriptedAnswer) {
            (self.name, self.code, self.answer) = (name, code, answer)
        }

        var testDescription: String { name }
    }

    private static let message = #"{"role":"assistant","content":"hi"}"#
    private static let good = "{\"choices\":[\(choice)]}"
    private static let choice = #"{"index":0,"message":\#(message),"finish_reason":"stop"}"#
    private static let deep = "{\"choices\":\(String(repeating: "[", count: 1000))"
    private static let refusal = #"{"error":{"message":"no","type":"t","code":null}}"#

    static let faults: [Fault] = [
        Fault("401", "unauthorized", .response(401, body: refusal)),
        Fault("404", "not_found", .response(404, body: refusal)),
        Fault("429", "rate_limited", .response(429, body: refusal)),
        Fault("429 and a time", "rate_limited", .response(429, headers: ["Retry-After": "7"], body: refusal)),
        Fault("500", "server_error", .response(500, body: refusal)),
        Fault("503", "server_error", .response(503, body: "<html>busy</html>")),
        Fault("redirect", "redirected", .response(307, headers: ["Location": "http://127.0.0.1:1/"], body: "")),
        Fault("HTML", "unexpected_content_type", .response(type: "text/html", body: "<html></html>")),
        Fault("truncated JSON", "truncated_answer", .response(body: String(good.dropLast(5)))),
        Fault("duplicate keys", "duplicate_key", .response(body: #"{"choices":[],"choices":[]}"#)),
        Fault("depth", "nested_too_deeply", .response(body: deep)),
        Fault(
            "no UTF-8",
            "invalid_utf8",
            .response(body: ByteBuffer(bytes: [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]))
        ),
        Fault("no choice", "choice_count", .response(body: #"{"choices":[]}"#)),
        Fault(
            "context",
            "context_size_exceeded",
            .response(400, body: #"{"error":{"message":"too long","code":"context_length_exceeded"}}"#)
        ),
        Fault("closed", "truncated_answer", ScriptedAnswer.head(length: 100).then("{").then(.close)),
        Fault("100 MB", "answer_too_large", .head(length: 100 << 20)),
    ]

    @Test(arguments: faults, [false, true])
    func `a bad answer is one typed error, and the session is as it was`(fault: Fault, isStreamed: Bool) async throws {
        try await ScriptedServer.run([.response(body: Self.good), fault.answer, .response(body: Self.good)]) { server in
            let model = try ChatCompletionsModel(baseURL: server.baseURL, model: "m", apiKey: APIKey("canary-key"))
            let session = try await Boundary(store: MemoryStore())
                .session(
                    SessionKey("s"),
                    model: model,
                    instructions: "x",
                    configuration: SessionConfiguration(retries: .none)
                )
            try await session.respond(to: "first")
            let view = session.transcript
            let error = await #expect(throws: SessionError.self) {
                if isStreamed {
                    _ = try await session.streamResponse(to: "second").collect()
                } else {
                    try await session.respond(to: "second")
                }
            }
            guard case .model(let cause, _)? = error else { return }
            #expect(cause.code == fault.code, "\(cause)")
            #expect(!"\(cause)".contains("\n") && !"\(cause)".contains("canary"))
            #expect(session.transcript == view)
            let ledger = try await session.ledger()
            #expect(ledger.map(\.outcome) == [.answered(.stop), .failed(fault.code)])
            try await session.respond(to: "third")
            #expect(session.transcript.map(\.text) == ["x", "first", "hi", "third", "hi"])
        }
    }

    @Test(arguments: [ServerProfile.lenient, .strict])
    func `an unknown finish reason keeps the paid answer, in the session or in the error`(
        profile: ServerProfile
    ) async throws {
        try await ScriptedServer.run([.response(body: Self.good.replacing("stop", with: "tired"))]) { server in
            let dialect = ChatCompletions(profile: profile)
            let model = try ChatCompletionsModel(baseURL: server.baseURL, model: "m", dialect: dialect)
            let session = try await Boundary(store: MemoryStore()).session(SessionKey("s"), model: model)
            guard profile == .strict else {
                let response = try await session.respond(to: "first")
                #expect(response.content == "hi" && response.finishReason == .other("tired"))
                return
            }
            await #expect(throws: SessionError.model(.unknownFinishReason("tired", Self.tired))) {
                try await session.respond(to: "first")
            }
            // A caller that accepts it can put it into the session.
            var turn = try await session.checkout("first")
            try turn.append(Self.tired)
            #expect(try await turn.commit().entries.last?.text == "hi")
        }
    }

    private static let tired = Answer(entries: [.response("hi")], finishReason: .other("tired"))

    @Test func `a refused connection is one typed error`() async throws {
        // No test can be given port 1; a free port could be another test's a moment later.
        let model = try ChatCompletionsModel(baseURL: "http://127.0.0.1:1/v1", model: "m")
        let session = try await Boundary(store: MemoryStore()).session(SessionKey("s"), model: model)
        let error = await #expect(throws: SessionError.self) { try await session.respond(to: "first") }
        guard case .model(.connectionFailed, _)? = error else { throw UnexpectedError() }
        #expect(session.transcript.isEmpty)
    }

    @Test(arguments: ["\u{0}", "a\u{0}b \u{FFFD}", String(repeating: "p", count: 10 << 20)])
    func `any text is a prompt and arrives as it is`(prompt: String) async throws {
        try await Upstream.withServer { upstream in
            let model = try ChatCompletionsModel(baseURL: upstream.baseURL, model: "m")
            let boundary = Boundary(store: MemoryStore())
            let session = try await boundary.session(SessionKey("s"), model: model)
            try await session.respond(to: prompt)
            #expect(session.transcript.first?.text == prompt)
            let again = try await boundary.session(SessionKey("s"), model: model, opening: .resume)
            #expect(again.transcript == session.transcript)
            #expect(await upstream.report().requests.last?.status == 200)
        }
    }

    private struct UnexpectedError: Error {}
}
