import AsyncHTTPClient
import Foundation
import NIOCore
import StatelineTesting
import Testing

@testable import Stateline
@testable import StatelineDialects
@testable import StatelineModels

/// What comes back over a real socket, each in one clear way.
@Suite struct TransportTests {
    private let answer = TextAnswer(text: "Hello")

    /// Calls a server and parses its answer.
    private func call(
        _ url: String,
        prompt: String = "Hi",
        isStreamed: Bool = false,
        apiKey: APIKey? = nil,
        transport: HTTPTransport = HTTPTransport()
    ) async throws(ModelError) -> Answer {
        let model = try ChatCompletionsModel(baseURL: url, model: "m", apiKey: apiKey, transport: transport)
        let reply = try await model.call(.prompt(prompt, of: model, isStreamed: isStreamed), stopwatch: .idle)
        guard case .bytes(let bytes) = reply else { throw .malformedAnswer("not bytes") }
        var parser = model.dialect.makeParser(isStreamed: isStreamed)
        while let chunk = try await bytes.next() { _ = try parser.append(chunk) }
        return try parser.finish()
    }

    private func failure(
        _ answer: ScriptedAnswer,
        isStreamed: Bool = false,
        transport: HTTPTransport = HTTPTransport()
    ) async throws -> ModelError? {
        try await ScriptedServer.run([answer]) { server in
            do throws(ModelError) {
                _ = try await call(server.baseURL, isStreamed: isStreamed, transport: transport)
                return nil
            } catch {
                #expect(server.requests.count <= 1, "never tried again")
                return error
            }
        }
    }

    /// Calls a server that answers once, and expects an error.
    private func expect(
        _ answer: ScriptedAnswer,
        isStreamed: Bool = false,
        transport: HTTPTransport = HTTPTransport(),
        gives expected: ModelError,
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let error = try await failure(answer, isStreamed: isStreamed, transport: transport)
        #expect(error == expected, sourceLocation: location)
    }

    @Test func `a call sends its body, type and key, and reads the answer`() async throws {
        try await ScriptedServer.run([.response(body: answer.plain)]) { server in
            let key = APIKey("sk-test")
            let entries = try await call(server.baseURL + "/", apiKey: key).entries
            #expect(entries == answer.expectedEntries)
            let request = String(buffer: server.requests[0])
            #expect(request.hasPrefix("POST /v1/chat/completions HTTP/1.1\r\n"))
            #expect(request.lowercased().contains("\r\ncontent-type: application/json\r\n"))
            #expect(request.contains("\r\nAuthorization: Bearer sk-test\r\n"))
            #expect(request.hasSuffix("\r\n\r\n" + #"{"messages":[{"role":"user","content":"Hi"}],"model":"m"}"#))
        }
    }

    @Test func `a streamed answer comes in its chunks`() async throws {
        let head = ScriptedAnswer.head(
            type: "text/event-stream; charset=utf-8",
            headers: ["Transfer-Encoding": "chunked"]
        )
        let long = TextAnswer(text: String(repeating: "Grüße, 世界! 👩‍👩‍👧 \"quoted\"\n", count: 4))
        let stream = long.stream(chunkSize: 9)
        let chunk = "\(String(stream.utf8.count, radix: 16))\r\n\(stream)\r\n0\r\n\r\n"
        try await ScriptedServer.run([head.then(chunk)]) { server in
            let entries = try await call(server.baseURL, isStreamed: true).entries
            #expect(entries == long.expectedEntries)
        }
    }

    @Test func `a port without a listener is a failed connection`() async throws {
        // No test can be given port 1; a free port could be another test's a moment later.
        let port = 1
        let refused = ModelError.connectionFailed(description: "connection refused, no server is listening there")
        await #expect(throws: refused) { try await call("http://127.0.0.1:\(port)") }
        let named = ModelError.connectionFailed(
            description: "localhost:\(port): connection refused, no server is listening there"
        )
        await #expect(throws: named) { try await call("http://localhost:\(port)") }
    }

    @Test(arguments: [ScriptedAnswer.raw("HTTP/1.1 400 this is not TLS\r\n\r\n"), .close, .reset])
    func `a peer that speaks no TLS is a failed secure connection`(answer: ScriptedAnswer) async throws {
        try await ScriptedServer.run([answer]) { server in
            let error = await #expect(throws: ModelError.self) { try await call("https://127.0.0.1:\(server.port)") }
            guard case .secureConnectionFailed = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test(arguments: [
        (401, "bad key", ModelError.unauthorized(status: 401, message: ProviderMessage("bad key", type: "t"))),
        (403, "no", .unauthorized(status: 403, message: ProviderMessage("no", type: "t"))),
        (404, "no such model", .notFound(message: ProviderMessage("no such model", type: "t"))),
        (429, "slow down", .rateLimited(retryAfter: nil, message: ProviderMessage("slow down", type: "t"))),
        (400, "bad value", .invalidRequest(status: 400, message: ProviderMessage("bad value", type: "t"))),
        (
            400, "This model's maximum context length is 4096 tokens.",
            .contextSizeExceeded(
                message: ProviderMessage("This model's maximum context length is 4096 tokens.", type: "t")
            )
        ),
        (500, "oops", .serverError(status: 500, retryAfter: nil, message: ProviderMessage("oops", type: "t"))),
        (503, "busy", .serverError(status: 503, retryAfter: nil, message: ProviderMessage("busy", type: "t"))),
    ])
    func `a status of failure is a typed error`(status: Int, message: String, error: ModelError) async throws {
        let body = "{\"error\":{\"message\":\(JSONText.quoted(message)),\"type\":\"t\",\"code\":null}}"
        try await expect(.response(status, body: body), gives: error)
        try await expect(.response(status, body: body), isStreamed: true, gives: error)
    }

    @Test func `a code alone tells that the context is exceeded`() async throws {
        let body = #"{"error":{"message":"too long","code":"context_length_exceeded"}}"#
        try await expect(
            .response(400, body: body),
            gives: .contextSizeExceeded(message: ProviderMessage("too long", code: "context_length_exceeded"))
        )
    }

    @Test func `the time to wait is told in seconds or as a date`() async throws {
        let body = #"{"error":"wait"}"#
        let limited = try await failure(.response(429, headers: ["Retry-After": "7"], body: body))
        #expect(limited == .rateLimited(retryAfter: .seconds(7), message: "wait"))
        let past = try await failure(
            .response(503, headers: ["Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"], body: body)
        )
        #expect(past == .serverError(status: 503, retryAfter: .zero, message: "wait"))
        for long in ["99999999999", "1e400", "Fri, 31 Dec 9999 23:59:59 GMT"] {
            let error = try await failure(.response(429, headers: ["Retry-After": long], body: body))
            #expect(error == .rateLimited(retryAfter: .seconds(1_000_000_000), message: "wait"))
        }
        let strange = [
            "soon", "Sun, 06 Nov 99999999 08:49:37 GMT", "Sun, 06 Nov 2026 99999999:49:37 GMT",
            "Sun, -06 Nov 2026 08:49:37 GMT", "Sun, 06 Nov 2026 08:49:9223372036854775807 GMT", "-1",
        ]
        for text in strange {
            let unknown = try await failure(.response(429, headers: ["Retry-After": text], body: body))
            #expect(unknown == .rateLimited(retryAfter: nil, message: "wait"), "\(text)")
        }
    }

    @Test func `pages are not shown, and long texts are cut`() async throws {
        let page = try await failure(
            .response(502, type: "text/html", body: "<html>\(String(repeating: "x", count: 99))")
        )
        #expect(page == .serverError(status: 502, retryAfter: nil, message: "a page instead of JSON"))
        let long = try await failure(.response(500, type: "text/plain", body: String(repeating: "a\n", count: 100_000)))
        guard case .serverError(500, nil, let message) = long else {
            Issue.record("\(String(describing: long))")
            return
        }
        #expect(message.text.count == 301 && !message.text.contains("\n"))
    }

    @Test func `a page with status 200 is not an answer`() async throws {
        let page = ScriptedAnswer.response(type: "text/html; charset=utf-8", body: "<html>Sign in</html>")
        try await expect(page, gives: .unexpectedContentType("text/html"))
        try await expect(page, isStreamed: true, gives: .unexpectedContentType("text/html"))
        try await expect(.response(body: " \n<!DOCTYPE html>"), gives: .unexpectedContentType("text/html"))
        try await expect(.response(type: "text/html", body: ""), gives: .unexpectedContentType("text/html"))
        try await expect(.response(type: "text/plain", body: "Sign in"), gives: .unexpectedContentType("text/plain"))
    }

    @Test(arguments: [
        "text/html", "text/plain; charset=utf-8", "application/octet-stream", "application/json", "text/event-stream",
    ])
    func `an answer is told by its first bytes, whatever its media type says`(type: String) async throws {
        for isStreamed in [false, true] {
            try await ScriptedServer.run([
                .response(type: type, body: isStreamed ? answer.stream(chunkSize: 3) : answer.plain),
                .response(type: type, body: answer.plain),
            ]) { server in
                for _ in 0..<2 {
                    let entries = try await call(server.baseURL, isStreamed: isStreamed).entries
                    #expect(entries == answer.expectedEntries)
                }
            }
        }
    }

    @Test func `a request id is found in the answer, and named in the errors of a failed one`() async throws {
        let headers = ["X-Request-Id": "req_7", "CF-Ray": "other"]
        let failing = try await failure(.response(500, headers: headers, body: #"{"error":{"message":"oops"}}"#))
        #expect(failing?.providerMessage?.requestID == "req_7" && failing?.description.contains("req_7") == true)
        try await ScriptedServer.run([.response(headers: headers, body: answer.plain)]) { server in
            let model = try ChatCompletionsModel(baseURL: server.baseURL, model: "m")
            let reply = try await model.call(.prompt("Hi", of: model, isStreamed: false), stopwatch: .idle)
            guard case .bytes(let bytes) = reply else { throw ModelError.cancelled }
            #expect(bytes.requestID == "req_7")
        }
    }

    @Test func `a redirect is not followed`() async throws {
        try await ScriptedServer.run([.response(body: answer.plain)]) { target in
            for status in [301, 302, 303, 307, 308] {
                let redirect = ScriptedAnswer.response(status, headers: ["Location": target.baseURL], body: "")
                try await expect(redirect, gives: .redirected(status: status))
            }
            #expect(target.connectionCount == 0)
        }
    }

    @Test func `an answer that breaks off is truncated`() async throws {
        let body = Array(answer.plain.utf8)
        let half = String(decoding: body[..<(body.count / 2)], as: UTF8.self)
        let expected = ModelError.truncatedAnswer(receivedBytes: half.utf8.count)
        for end in [ScriptedAnswer.close, .reset] {
            let told = ScriptedAnswer.head(length: body.count).then(half).then(end)
            guard case .truncatedAnswer = try await failure(told) else {
                Issue.record("a told length that is not reached")
                continue
            }
        }
        try await expect(.head().then(half).then(.close), gives: expected)
        try await expect(.response(body: half), gives: expected)
        try await expect(.close, gives: .truncatedAnswer(receivedBytes: 0))
        try await expect(.reset, gives: .truncatedAnswer(receivedBytes: 0))
        for status in ["000", "001", "099"] {
            let head = "HTTP/1.1 \(status) X\r\nContent-Length: 2\r\n\r\n{}"
            try await expect(.raw(head), gives: .malformedAnswer("not HTTP"))
        }
        try await expect(.raw("SSH-2.0-OpenSSH\r\n\r\n").then(.close), gives: .malformedAnswer("not HTTP"))
    }

    @Test func `what a provider must not send is refused`() async throws {
        func choices(_ text: String) -> ScriptedAnswer { .response(body: "{\"choices\":[\(text)]}") }
        try await expect(choices(""), gives: .choiceCount(0))
        try await expect(choices(#"{"a":1,"a":2}"#), gives: .duplicateKey("a"))
        try await expect(choices(String(repeating: "[", count: 1000)), gives: .nestedTooDeeply(limit: 64))
        var bytes = ByteBuffer(string: #"{"choices":[{"message":{"content":""#)
        bytes.writeBytes([0xff, 0xfe])
        bytes.writeString(#""},"finish_reason":"stop"}]}"#)
        try await expect(.response(body: bytes), gives: .invalidUTF8)
    }

    @Test func `an answer of 100 MB is refused at the limit, and the rest is not read`() async throws {
        let transport = HTTPTransport(maximumAnswerBytes: 1 << 20)
        let chunk = ByteBuffer(repeating: UInt8(ascii: " "), count: 1 << 16)
        try await ScriptedServer.run([.head().then(chunk, times: 1600), .head(length: 100 << 20)]) { server in
            await #expect(throws: ModelError.answerTooLarge(limit: 1 << 20)) {
                try await call(server.baseURL, transport: transport)
            }
            try await server.lastConnectionClosed()
            #expect(server.sentBytes < 32 << 20)
            await #expect(throws: ModelError.answerTooLarge(limit: 1 << 20)) {
                try await call(server.baseURL, transport: transport)
            }
        }
    }

    @Test func `a slow reader holds the sender back`() async throws {
        let chunk = ByteBuffer(repeating: UInt8(ascii: " "), count: 1 << 16)
        try await ScriptedServer.run([.head().then(chunk, times: 1600), .response(body: answer.plain)]) { server in
            let model = try ChatCompletionsModel(baseURL: server.baseURL, model: "m", transport: HTTPTransport())
            let reply = try await model.call(.prompt("Hi", of: model, isStreamed: false), stopwatch: .idle)
            guard case .bytes(let bytes) = reply else { return }
            _ = try await bytes.next()
            // Another whole call takes longer than an unhindered sender would.
            _ = try await call(server.baseURL)
            #expect(server.sentBytes < 32 << 20)
            withExtendedLifetime(bytes) {}
        }
    }

    @Test func `a silent server is given up at each limit`() async throws {
        let silence = try await failure(
            .silence,
            transport: HTTPTransport(timeLimits: .init(firstByte: .milliseconds(500)))
        )
        #expect(silence == .timeout(.firstByte))
        let total = HTTPTransport(timeLimits: .init(total: .milliseconds(700)))
        try await expect(.silence, transport: total, gives: .timeout(.total))
        try await expect(.head(length: 9).then("{"), transport: total, gives: .timeout(.total))
        let idle = HTTPTransport(timeLimits: .init(idle: .milliseconds(300)))
        try await expect(.head(length: 9).then("{"), transport: idle, gives: .timeout(.idle))
        let firstByte = HTTPTransport(timeLimits: .init(firstByte: .milliseconds(500), idle: .milliseconds(1)))
        try await expect(.head(length: 9), transport: firstByte, gives: .timeout(.firstByte))
        try await ScriptedServer.run([.silence]) { server in
            let transport = HTTPTransport(timeLimits: .init(connect: .milliseconds(500)))
            await #expect(throws: ModelError.timeout(.connect)) {
                try await call("https://127.0.0.1:\(server.port)", transport: transport)
            }
        }
    }

    @Test(arguments: [ScriptedAnswer.silence, .head(length: 9).then("{")])
    func `cancelling the task closes the stream`(answer: ScriptedAnswer) async throws {
        try await ScriptedServer.run([answer]) { server in
            let error = await withTaskGroup(of: ModelError?.self) { group in
                group.addTask {
                    do throws(ModelError) {
                        _ = try await call(server.baseURL)
                        return nil
                    } catch {
                        return error
                    }
                }
                while server.requests.isEmpty { await Task.yield() }
                group.cancelAll()
                return await group.next() ?? nil
            }
            #expect(error == .cancelled)
            try await server.lastConnectionClosed()
        }
    }

    @Test func `letting go of a half-read answer closes the stream`() async throws {
        try await ScriptedServer.run([.head(length: 9).then("{")]) { server in
            let model = try ChatCompletionsModel(baseURL: server.baseURL, model: "m")
            do {
                let reply = try await model.call(.prompt("Hi", of: model, isStreamed: false), stopwatch: .idle)
                guard case .bytes(let bytes) = reply else { return }
                let chunk = try await bytes.next()
                #expect(chunk == ByteBuffer(string: "{"))
            }
            try await server.lastConnectionClosed()
        }
    }

    @Test func `a prompt of 10 MB and one with NUL arrive as they are`() async throws {
        let prompt = "\0" + String(repeating: "A line of a long prompt, é.\n", count: (10 << 20) / 28)
        try await ScriptedServer.run([.response(body: answer.plain)]) { server in
            _ = try await call(server.baseURL, prompt: prompt)
            let request = server.requests[0]
            let body = try #require(request.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8))).upperBound
            let object = try JSONSerialization.jsonObject(with: Data(request.readableBytesView[body...]))
            let messages = (object as? [String: Any])?["messages"] as? [[String: String]]
            #expect(messages?.first?["content"] == prompt)
        }
    }

    @Test func `the key is in no error, description or dump`() async throws {
        let canary = "sk-canary-0123456789"
        let key = APIKey(canary)
        var texts: [String] = ["\(key)", key.debugDescription]
        dump(key, to: &texts[0])
        let echo = "{\"error\":{\"message\":\"\(String(repeating: "x", count: 290)) \(canary) is wrong\"}}"
        let events = "data: \(echo)\n\n"
        let answers: [ScriptedAnswer] = [
            .response(401, body: echo), .response(500, type: "text/plain", body: canary), .response(body: echo), .close,
            .response(type: "text/event-stream", body: events), .response(type: canary, body: "{}"),
        ]
        for answer in answers {
            try await ScriptedServer.run([answer]) { server in
                do throws(ModelError) {
                    _ = try await call(server.baseURL, isStreamed: true, apiKey: key)
                } catch {
                    texts += [error.description, String(reflecting: error)]
                }
                #expect(String(buffer: server.requests[0]).contains(canary), "the key was sent")
            }
        }
        let model = try ChatCompletionsModel(
            baseURL: "http://127.0.0.1:1",
            model: "m",
            apiKey: key,
            headers: [("api-key", canary)]
        )
        var dumped = ""
        dump(model, to: &dumped)
        texts += ["\(model)", String(reflecting: model), dumped, String(reflecting: model.dialect)]
        #expect(texts.count == 2 + answers.count * 2 + 4)
        #expect(texts.allSatisfy { !$0.contains("canary") }, "\(texts)")
    }

    @Test(arguments: ["", "127.0.0.1:80/v1", "ftp://a/v1", "http://", "http://user:pass@host/v1", "http://a b/"])
    func `a base URL that cannot be called is refused`(url: String) {
        #expect(throws: ModelError.self) { try ChatCompletionsModel(baseURL: url, model: "m") }
    }

    @Test func `the stopwatch is told of the connection, the sent body and the answer's head`() async throws {
        try await ScriptedServer.run([.response(body: answer.plain)]) { server in
            let time = ManualTime()
            let stopwatch = Stopwatch { time.advance() }
            let model = try ChatCompletionsModel(baseURL: server.baseURL, model: "m")
            _ = try await model.call(.prompt("Hi", of: model, isStreamed: false), stopwatch: stopwatch)
            #expect(stopwatch.times[.connect] == .seconds(1))
            #expect(stopwatch.times[.send] == .seconds(1))
            #expect(stopwatch.times[.firstByte] == .seconds(1))
        }
    }
}
