import NIOCore
import Stateline
import StatelineMemory
import StatelineModels
import StatelineTesting
import Synchronization
import Testing

/// Calls that fail over a real socket and are made again.
@Suite struct RepeatedCallTests {
    private static let answer =
        #"{"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}"#
    private static let refusal = #"{"error":{"message":"no","type":"t","code":null}}"#
    private static let quick = RetryPolicy(base: .milliseconds(1), cap: .milliseconds(1))

    private func session(
        _ server: ScriptedServer,
        _ configuration: SessionConfiguration
    ) async throws -> ModelSession {
        let model = try ChatCompletionsModel(baseURL: server.baseURL, model: "m")
        return try await Boundary(store: MemoryStore())
            .session(SessionKey("s"), model: model, configuration: configuration)
    }

    static let failures: [(answer: ScriptedAnswer, code: String)] = [
        (.response(429, headers: ["Retry-After": "0"], body: refusal), "rate_limited"),
        (.response(500, body: refusal), "server_error"), (.response(503, body: "<html>busy</html>"), "server_error"),
        (.close, "truncated_answer"), (.reset, "truncated_answer"),
        (ScriptedAnswer.head(length: 100).then(.close), "truncated_answer"),
    ]

    @Test(arguments: failures, [false, true])
    func `a failure before the first byte of the answer is met with a retry`(
        failure: (answer: ScriptedAnswer, code: String),
        isStreamed: Bool
    ) async throws {
        try await ScriptedServer.run([failure.answer, failure.answer, .response(body: Self.answer)]) { server in
            let session = try await session(server, SessionConfiguration(retries: Self.quick))
            if isStreamed {
                _ = try await session.streamResponse(to: "go").collect()
            } else {
                try await session.respond(to: "go")
            }
            #expect(session.transcript.map(\.text) == ["go", "hi"])
            let failed = Crossing.Outcome.failed(failure.code)
            #expect(try await session.ledger().map(\.outcome) == [failed, failed, .answered(.stop)])
        }
    }

    @Test(arguments: [false, true])
    func `an answer that breaks off after its first byte is not asked for again`(isStreamed: Bool) async throws {
        let type = isStreamed ? "text/event-stream" : "application/json"
        let cut = ScriptedAnswer.head(type: type, length: 1000).then("data: {").then(.close)
        try await ScriptedServer.run([cut, .response(body: Self.answer)]) { server in
            let session = try await session(server, SessionConfiguration(retries: Self.quick))
            await #expect(throws: SessionError.self) {
                if isStreamed {
                    _ = try await session.streamResponse(to: "go").collect()
                } else {
                    try await session.respond(to: "go")
                }
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test func `each attempt asks for a key`() async throws {
        let tokens = Atomic(0)
        let busy = ScriptedAnswer.response(503, body: Self.refusal)
        try await ScriptedServer.run([busy, busy, .response(body: Self.answer)]) { server in
            let model = try ChatCompletionsModel(
                baseURL: server.baseURL,
                model: "m",
                authentication: .bearer {
                    APIKey("token-\(tokens.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue)")
                }
            )
            let session = try await Boundary(store: MemoryStore())
                .session(SessionKey("s"), model: model, configuration: SessionConfiguration(retries: Self.quick))
            try await session.respond(to: "go")
            for (index, request) in server.requests.enumerated() {
                #expect(String(buffer: request).contains("\r\nAuthorization: Bearer token-\(index + 1)\r\n"))
            }
            #expect(server.requests.count == 3)
        }
    }

    @Test func `a server that is not there is asked as often as the policy says`() async throws {
        let model = try ChatCompletionsModel(baseURL: "http://127.0.0.1:1", model: "m")
        let session = try await Boundary(store: MemoryStore())
            .session(SessionKey("s"), model: model, configuration: SessionConfiguration(retries: Self.quick))
        await #expect(throws: SessionError.self) { try await session.respond(to: "go") }
        let failed = Crossing.Outcome.failed("connection_failed")
        #expect(try await session.ledger().map(\.outcome) == [failed, failed, failed])
    }

    @Test func `a wish to wait that exceeds the turn's time ends the turn at once`() async throws {
        let limited = ScriptedAnswer.response(429, headers: ["Retry-After": "50"], body: Self.refusal)
        try await ScriptedServer.run([limited]) { server in
            let session = try await session(server, SessionConfiguration(turnTimeout: .seconds(40)))
            let error = await #expect(throws: SessionError.self) { try await session.respond(to: "go") }
            guard case .model(let cause, _)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(cause.retryAfter == .seconds(50))
            #expect(server.requests.count == 1)
        }
    }

    /// A time limit of a session, and the error if it is reached.
    struct Limit: Sendable {
        let limits: CallTimeLimits
        var turnTimeout: Duration?
        let answer: ScriptedAnswer
        let error: SessionError
    }

    private static let begun = ScriptedAnswer.head(type: "text/event-stream", length: 1000)
        .then(#"data: {"choices":[{"index":0,"delta":{"content":"a"}}]}"# + "\n\n")
    private static let short = Duration.milliseconds(300)

    static let limits: [Limit] = [
        Limit(limits: .init(firstByte: short), answer: .silence, error: .model(.timeout(.firstByte))),
        Limit(limits: .init(total: short), answer: .silence, error: .model(.timeout(.total))),
        Limit(limits: .init(), turnTimeout: short, answer: .silence, error: .turnTimedOut(limit: short)),
        Limit(limits: .init(idle: short), answer: begun, error: .model(.timeout(.idle))),
        Limit(limits: .init(total: short), answer: begun, error: .model(.timeout(.total))),
        Limit(limits: .init(), turnTimeout: short, answer: begun, error: .turnTimedOut(limit: short)),
    ]

    @Test(arguments: limits)
    func `a session's time limits hold in place of the transport's`(limit: Limit) async throws {
        try await ScriptedServer.run([limit.answer]) { server in
            let session = try await session(
                server,
                SessionConfiguration(timeLimits: limit.limits, turnTimeout: limit.turnTimeout)
            )
            await #expect(throws: limit.error) { try await session.streamResponse(to: "go").collect() }
            #expect(server.requests.count == 1)
        }
    }
}
