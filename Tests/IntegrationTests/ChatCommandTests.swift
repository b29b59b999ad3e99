import Foundation
import NIOCore
import StatelineTesting
import StatelineUpstream
import Testing

@Suite(.timeLimit(.minutes(5))) struct ChatCommandTests {
    private static func arguments(_ upstream: Upstream, _ more: String...) -> [String] {
        ["chat", "--model-url", upstream.baseURL, "--model", "any"] + more
    }

    @Test func `each line of a pipe is a prompt, and each turn has its figures`() async throws {
        try await Upstream.withServer { upstream in
            let outcome = try await CommandProcess.run(
                Self.arguments(upstream, "--boundary", "--system", "Be brief."),
                input: "/say one é\n\n/say two\n/reason hm\n/say three"
            )
            #expect(outcome.status == 0)
            #expect(outcome.error == "")
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.filter { !$0.hasPrefix("sent again") }.prefix(2) == ["one é", "two"])
            #expect(lines.last == lines.filter { $0.hasPrefix("sent again") }.last)
            let report = await upstream.report()
            #expect(report.requestCount == 4)
            #expect(report.requests.dropFirst().allSatisfy { ($0.sentAgainBytes ?? 0) > 60 })
            let figures = lines.filter { $0.hasPrefix("sent again") }
            #expect(figures.count == 4)
            #expect(figures[0].contains("new \(report.requests[0].requestBytes) B"))
            #expect(figures[1].contains("sent again \(report.requests[1].sentAgainBytes ?? -1) B"))
            #expect(figures[1].contains("tokens \(report.requests[1].promptTokens ?? -1) in"))
            #expect(figures[1].contains("1 store round trip,"))
            #expect(figures[3].hasSuffix("revision 5"))
        }
    }

    @Test func `a program gets answers, not reasoning, and control characters as they are`() async throws {
        try await Upstream.withServer { upstream in
            let outcome = try await CommandProcess.run(Self.arguments(upstream), input: "/say a\u{1B}[31mb\n")
            #expect(outcome.output == "a\u{1B}[31mb\n")
        }
    }

    @Test func `no server is a line on standard error for each attempt, and a failure`() async throws {
        let port = try await Upstream.withServer { $0.port }
        let outcome = try await CommandProcess.run(
            ["chat", "--model-url", "http://127.0.0.1:\(port)/v1", "--model", "any"],
            input: "Hello\n"
        )
        #expect(outcome.status == 1)
        #expect(outcome.output == "")
        let lines = outcome.error.split(separator: "\n")
        #expect(lines.count == 3 && lines.allSatisfy { $0.hasPrefix("stateline: could not connect to the model") })
        #expect(lines.map { $0.contains("; asking again in ") } == [true, true, false])
    }

    @Test func `an answer that broke off ends a conversation from a pipe with a failure`() async throws {
        let answer = ScriptedAnswer.head(type: "text/event-stream")
            .then(#"data: {"choices":[{"index":0,"delta":{"content":"paid"}}]}"# + "\n\n")
            .then(.close)
        try await ScriptedServer.run([answer]) { server in
            let outcome = try await CommandProcess.run(
                ["chat", "--model-url", server.baseURL, "--model", "any"],
                input: "one\ntwo\n"
            )
            #expect(outcome.status == 1 && outcome.output == "paid\n")
            #expect(outcome.error.hasPrefix("stateline: the answer broke off (truncated_answer)"))
            #expect(server.requests.count == 1)
        }
    }

    @Test func `a server's name chooses its profile, and an unknown one is a wrong option`() async throws {
        let answer = ScriptedAnswer.response(body: #"{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}"#)
        try await ScriptedServer.run([answer, answer]) { server in
            let arguments = ["chat", "--model-url", server.baseURL, "--model", "m", "--server"]
            for (name, asksForUsage) in [("any", true), ("mistral", false)] {
                let outcome = try await CommandProcess.run(arguments + [name], input: "Hi\n")
                #expect(outcome.status == 0 && outcome.output == "a\n")
                let request = server.requests.last.map { String(buffer: $0) }
                #expect(request?.contains("stream_options") == asksForUsage)
            }
            let outcome = try await CommandProcess.run(arguments + ["other"], input: "Hi\n")
            #expect(outcome.status == 64 && outcome.error.contains("mistral"))
        }
    }

    @Test func `the first error ends a conversation from a pipe`() async throws {
        try await Upstream.withServer { upstream in
            let outcome = try await CommandProcess.run(
                Self.arguments(upstream, "--retries", "0"),
                input: "/say one\n/status 429\n/say three\n"
            )
            #expect(outcome.status == 1)
            #expect(outcome.output == "one\n")
            #expect(outcome.error.hasPrefix("stateline: the rate limit was exceeded, retry after"))
            #expect(outcome.error.filter { $0 == "\n" }.count == 1)
            #expect(await upstream.report().requestCount == 2)
        }
    }

    @Test(arguments: ["ftp://127.0.0.1", "nonsense", "127.0.0.1:8080/v1", "http://user:secret@127.0.0.1/v1"])
    func `an invalid model URL is a wrong option`(_ url: String) async throws {
        let outcome = try await CommandProcess.run(["chat", "--model-url", url, "--model", "any"], input: "Hello\n")
        #expect(outcome.status == 64 && outcome.output == "")
        #expect(outcome.error.hasPrefix("Error: --model-url must be an http:// or https:// URL "))
        #expect(!outcome.error.contains("secret"))
    }

    #if Redis
    @Test(arguments: [["--store", "redis://:secret@127.0.0.1/x"], ["--store=redis://u:secret@127.0.0.1?foo=1"]])
    func `the error of an invalid store does not hold its password`(_ store: [String]) async throws {
        let arguments = ["chat", "--model-url", "http://127.0.0.1:1", "--model", "any"] + store
        let outcome = try await CommandProcess.run(arguments, input: "Hello\n")
        #expect(outcome.status == 64 && outcome.output == "")
        #expect(outcome.error.hasPrefix("Error: The value 'redis://…' is invalid for '--store <memory|url>': "))
        #expect(!outcome.error.contains("secret"))
    }
    #endif

    @Test func `a call that takes too long is one line and a failure`() async throws {
        var configuration = Upstream.Configuration()
        configuration.latency = .seconds(3600)
        try await Upstream.withServer(configuration) { upstream in
            let outcome = try await CommandProcess.run(Self.arguments(upstream, "--timeout", "0.2"), input: "Hello\n")
            #expect(outcome.status == 1)
            #expect(outcome.error.hasPrefix("stateline: the model did not"))
        }
    }

    @Test(arguments: ["/ { } : * %s", "a\nb", "é😀", String(repeating: "x", count: 10_000), "-"])
    func `a session may have any name`(_ name: String) async throws {
        try await Upstream.withServer { upstream in
            let outcome = try await CommandProcess.run(
                Self.arguments(upstream, "--session=\(name)"),
                input: "/say yes\n"
            )
            #expect(outcome.status == 0)
            #expect(outcome.output == "yes\n")
        }
    }

    @Test func `a key is taken from the environment, and no key is shown`() async throws {
        try await Upstream.withServer { upstream in
            let outcome = try await CommandProcess.run(
                Self.arguments(upstream, "--api-key-env", "MY_KEY"),
                input: "/status 401\n",
                environment: ["MY_KEY": "sk-secret"]
            )
            #expect(outcome.status == 1)
            #expect(!(outcome.error + outcome.output).contains("sk-secret"))
        }
    }

    @Test func `an answer that another writer came before is kept, and one line says so`() async throws {
        try await RedisServer.run { server in
            try await Upstream.withServer { upstream in
                let arguments = Self.arguments(upstream, "--store", "redis://127.0.0.1:\(server.port)", "--boundary")
                let first = try CommandProcess.start(arguments)
                try first.send("/say one\n")
                try await first.expect("revision 2\n")
                let second = try await CommandProcess.run(arguments, input: "/say two\n")
                #expect(second.status == 0)
                try first.send("/say three\n")
                try first.endInput()
                let outcome = try await first.outcome()
                #expect(outcome.status == 0)
                #expect(outcome.output.contains("three\n"))
                #expect(outcome.error.contains("the answer is kept as revision"))
                #expect(outcome.error.filter { $0 == "\n" }.count == 1)
                _ = try await CommandProcess.run(arguments, input: "/say four\n")
                // The last request has all that was said before it.
                let sizes = await upstream.report().requests.map(\.requestBytes)
                #expect(sizes[3] > sizes[2] && sizes[2] > sizes[0])
            }
        }
    }
}
