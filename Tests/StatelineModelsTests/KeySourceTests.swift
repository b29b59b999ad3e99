import NIOCore
import StatelineTesting
import Synchronization
import Testing

@testable import Stateline
@testable import StatelineModels

/// A source of tokens that are rotated with each question.
private final class Tokens: Sendable {
    private let count = Atomic(0)

    var asked: Int { count.load(ordering: .acquiring) }

    func next() -> APIKey {
        APIKey("canary-token-\(count.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue)")
    }
}

@Suite struct KeySourceTests {
    private static let answer = TextAnswer(text: "Hello").plain
    private let tokens = Tokens()

    private func model(
        _ server: ScriptedServer,
        _ authentication: Authentication,
        connect: Duration = .seconds(10)
    ) throws -> ChatCompletionsModel {
        try ChatCompletionsModel(
            baseURL: server.baseURL,
            model: "m",
            authentication: authentication,
            transport: HTTPTransport(timeLimits: TimeLimits(connect: connect))
        )
    }

    /// Makes a call to its end.
    private func call(_ model: ChatCompletionsModel, isStreamed: Bool = false) async throws(ModelError) {
        let request = ModelRequest.prompt("hello", of: model, isStreamed: isStreamed)
        guard case .bytes(let bytes) = try await model.call(request, stopwatch: .idle) else { return }
        var parser = model.dialect.makeParser(isStreamed: isStreamed)
        while let chunk = try await bytes.next() { _ = try parser.append(chunk) }
        _ = try parser.finish()
    }

    private func keys(_ server: ScriptedServer, _ prefix: String = "Authorization: Bearer ") -> [String] {
        server.requests.map { request in
            let lines = String(buffer: request).split(separator: "\r\n")
            return lines.first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) } ?? "none"
        }
    }

    @Test func `an error does not hold the key of its call, however many keys were given since`() async throws {
        let body = #"{"error":{"message":"invalid token canary-token-1"}}"#
        try await ScriptedServer.run([.response(401, body: body)]) { server in
            let authentication = Authentication.bearer { [tokens] in tokens.next() }
            // The alarm is set between the head of the answer and its body.
            let alarms = AlarmClock { time, ring in
                for number in 2..<40 { authentication.register?.insert("canary-token-\(number)") }
                return AlarmClock.eventLoops.schedule(time, ring)
            }
            let model = try ChatCompletionsModel(
                baseURL: server.baseURL,
                model: "m",
                authentication: authentication,
                transport: HTTPTransport(timeLimits: TimeLimits(), alarms: alarms)
            )
            let error = await #expect(throws: ModelError.self) { try await call(model) }
            #expect(error == .unauthorized(status: 401, message: "invalid token <redacted>"))
        }
    }

    @Test func `a function is asked for the key of each call`() async throws {
        try await ScriptedServer.run([.response(body: Self.answer), .response(body: Self.answer)]) { server in
            let model = try model(server, .bearer { [tokens] in tokens.next() })
            try await call(model)
            try await call(model)
            #expect(keys(server) == ["canary-token-1", "canary-token-2"])
        }
    }

    @Test func `a key is used again for as long as its user chose, and not after it was refused`() async throws {
        let refused = ScriptedAnswer.response(401, body: #"{"error":{"message":"expired"}}"#)
        let answers: [ScriptedAnswer] = [.response(body: Self.answer), refused, .response(body: Self.answer)]
        try await ScriptedServer.run(answers) { server in
            let model = try model(server, .header("api-key", reusedFor: .seconds(3600)) { [tokens] in tokens.next() })
            try await call(model)
            await #expect(throws: ModelError.self) { try await call(model) }
            try await call(model)
            #expect(keys(server, "api-key: ") == ["canary-token-1", "canary-token-1", "canary-token-2"])
            #expect(tokens.asked == 2)
        }
    }

    @Test func `a function that throws is one typed error, and nothing is sent`() async throws {
        struct Outage: Error {}
        try await ScriptedServer.run([]) { server in
            let failing = try model(server, .bearer { throw Outage() })
            await #expect(throws: ModelError.credentialsFailed(description: "Outage()")) { try await call(failing) }
            let passing = try model(server, .bearer { throw ModelError.connectionFailed(description: "no tokens") })
            await #expect(throws: ModelError.connectionFailed(description: "no tokens")) { try await call(passing) }
            let slow = try model(
                server,
                .bearer {
                    try await Task.sleep(for: .seconds(3600))
                    return APIKey("late")
                },
                connect: .milliseconds(100)
            )
            await #expect(throws: ModelError.credentialsFailed(description: "there was no key within 0.1 seconds")) {
                try await call(slow)
            }
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `cancelling ends the wait for a key`() async throws {
        try await ScriptedServer.run([]) { server in
            let asked = OneShot<Void>()
            let model = try model(
                server,
                .bearer {
                    asked.give(())
                    try await Task.sleep(for: .seconds(3600))
                    return APIKey("late")
                }
            )
            let task = Task { try await call(model) }
            await asked.value()
            task.cancel()
            await #expect(throws: ModelError.cancelled) { try await task.value }
        }
    }

    @Test(arguments: [false, true])
    func `no error holds a key that was given, be it the newest or an earlier one`(isStreamed: Bool) async throws {
        let echo = #"{"error":{"message":"the keys canary-token-1 and canary-token-2 are wrong"}}"#
        let answers: [ScriptedAnswer] = [
            .response(body: Self.answer), .response(401, body: echo), .response(body: echo),
            .response(500, type: "text/plain", body: "x canary-token-2"),
            .response(type: "text/event-stream", body: "data: \(echo)\n\n"),
        ]
        try await ScriptedServer.run(answers) { server in
            let authentication = Authentication.bearer { [tokens] in tokens.next() }
            let model = try model(server, authentication)
            try? await call(model)
            for _ in answers.dropFirst() {
                let error = await #expect(throws: ModelError.self) { try await call(model, isStreamed: isStreamed) }
                let text = error.map { "\($0) \(String(reflecting: $0))" } ?? ""
                #expect(!text.isEmpty && !text.contains("canary"), "\(text)")
            }
            var dumped = ""
            dump((authentication, model), to: &dumped)
            #expect(!dumped.contains("canary") && "\(authentication)" == "a key in Authorization")
        }
    }

    @Test func `an error of the function does not show a key that was given before`() async throws {
        struct Stale: Error { let text: String }
        try await ScriptedServer.run([.response(body: Self.answer)]) { server in
            let model = try model(
                server,
                .bearer { [tokens] in
                    if tokens.asked > 0 { throw Stale(text: "canary-token-1 has expired") }
                    return tokens.next()
                }
            )
            try await call(model)
            let error = await #expect(throws: ModelError.self) { try await call(model) }
            #expect(error.map { "\($0)".contains("canary") } == false)
        }
    }

    @Test func `a register keeps the newest secrets`() {
        let register = SecretRegister(limit: 2)
        let secrets = Secrets(keys: ["fixed"], register: register)
        for text in ["one", "two", "two", "one", "three"] { register.insert(text) }
        #expect(secrets.redacted(from: "fixed one two three") == "<redacted> <redacted> two <redacted>")
        let both = secrets.merging(Secrets(keys: ["two"]))
        #expect(both.redacted(from: "fixed one two three") == "<redacted> <redacted> <redacted> <redacted>")
        #expect("\(register)" == "<redacted>" && !String(reflecting: secrets).contains("one"))
    }
}
