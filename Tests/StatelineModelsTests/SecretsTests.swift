import NIOCore
import StatelineTesting
import Testing

@testable import Stateline
@testable import StatelineModels

@Suite struct SecretsTests {
    static let canary = "canary-0123456789"

    /// The error of a call whose provider repeats a text.
    func error(
        headers: [(name: String, value: String)],
        query: String = "",
        answer: ScriptedAnswer
    ) async throws -> String {
        try await ScriptedServer.run([answer]) { server in
            let model = try ChatCompletionsModel(baseURL: server.baseURL + query, model: "m", headers: headers)
            do throws(ModelError) {
                let request = ModelRequest.prompt("hello", of: model, isStreamed: true)
                let reply = try await model.call(request, stopwatch: .idle)
                guard case .bytes(let bytes) = reply else { return "no error" }
                var parser = model.dialect.makeParser(isStreamed: true)
                while let chunk = try await bytes.next() { _ = try parser.append(chunk) }
                _ = try parser.finish()
                return "no error"
            } catch {
                #expect(String(buffer: server.requests[0]).contains(Self.canary), "the secret was sent")
                return "\(error) \(String(reflecting: error))"
            }
        }
    }

    static let echo = "{\"error\":{\"message\":\"the key \(canary) is wrong\"}}"
    static let answers: [ScriptedAnswer] = [
        .response(401, body: echo), .response(500, type: "text/plain", body: "x \(canary)"), .response(body: echo),
        .response(type: "text/event-stream", body: "data: \(echo)\n\n"), .response(type: canary, body: "{}"),
    ]

    @Test(arguments: [
        ("api-key", canary), ("X-Goog-Api-Key", canary), ("Authorization", "Bearer \(canary)"),
        ("Authorization", "token=\"\(canary)\", realm=x"), ("Cookie", "a=b; session=\(canary)"), ("X-Team", canary),
    ])
    func `a value of a header that was configured is in no error`(name: String, value: String) async throws {
        for answer in Self.answers {
            let text = try await error(headers: [(name, value)], answer: answer)
            #expect(text != "no error")
            #expect(!text.contains(Self.canary), "\(text)")
        }
    }

    @Test func `a key in the query of the URL is in no error`() async throws {
        for answer in Self.answers {
            let text = try await error(headers: [], query: "?key=\(Self.canary)", answer: answer)
            #expect(!text.contains(Self.canary), "\(text)")
        }
    }

    @Test func `a secret is found as JSON escapes it, and within a longer one`() {
        let secrets = Secrets(keys: ["ab/cd"], headers: [("X-Long", "ab/cd/ef"), ("X-Short", "v1")])
        #expect(secrets.redacted(from: #"ab\/cd ab/cd/ef v1"#) == "<redacted> <redacted> v1")
        #expect("\(secrets)" == "<redacted>" && !String(reflecting: secrets).contains("ab"))
    }

    @Test(arguments: [
        #"{"info":"sk-a\u002bb\/c\u003D9"}"#, "sk-a%2Bb%2Fc%3D9", "sk-a%2bb%2fc%3d9", "sk-a\u{0}+b/\u{202E}c=9",
        #"sk-a\u0000+b/c=9"#,
    ])
    func `a secret is found in other forms, and behind characters that are not shown`(text: String) {
        let message = ProviderMessage("key \(text) is bad", redacting: Secrets(keys: ["sk-a+b/c=9"]))
        #expect(message.text.contains("<redacted>") && !message.text.contains("sk-a"), "\(message.text)")
    }

    @Test func `escapes that stand for no character stay as they are`() {
        #expect(ProviderMessage(#"\u00e9 \ud83d \u12 \u002g \\"#).text == #"é \ud83d \u12 \u002g \\"#)
    }
}
