import Foundation
import NIOCore
import StatelineTesting
import StatelineUpstream
import Testing

@Suite(.timeLimit(.minutes(5))) struct ChatTerminalTests {
    private static let (interrupt, end, left, delete, up) = ("\u{3}", "\u{4}", "\u{1B}[D", "\u{7F}", "\u{1B}[A")

    /// Starts a chat with an upstream in a terminal, and waits for its first prompt.
    private static func withChat(_ body: (Upstream, CommandProcess) async throws -> Void) async throws {
        try await Upstream.withServer { upstream in
            let chat = try CommandProcess.inTerminal(["chat", "--model-url", upstream.baseURL, "--model", "any"])
            try await chat.expect("Ctrl-D")
            try await chat.expect("> ")
            try await body(upstream, chat)
            try chat.send(end)
            #expect(try await chat.outcome().status == 0)
        }
    }

    /// Sends a line, and waits for the answer and the next prompt.
    private static func say(_ text: String, answer: String, _ chat: CommandProcess) async throws {
        try chat.send("/say \(text)\r")
        try await chat.expect("\n\(answer)\r\n")
        try await chat.expect("> ")
    }

    @Test func `Ctrl-C ends a turn, and the session goes on`() async throws {
        try await Self.withChat { upstream, chat in
            try await Self.say("before", answer: "before", chat)
            try chat.send("/pace 3600000\r")
            while await upstream.report().requestCount < 2 { await Task.yield() }
            try chat.send(Self.interrupt)
            try await chat.expect("The turn was cancelled; the session is unchanged.")
            try await chat.expect("> ")
            try await Self.say("after", answer: "after", chat)
            // The prompt that was given up is not in the history: two prompts, one answer.
            #expect(await upstream.report(newest: 1).requests.first?.promptTokens == (4 + 3) + (4 + 2) + (4 + 3))
        }
    }

    /// The server holds the connection after the answer's end, so that Ctrl-C comes while its end is waited for.
    @Test func `an answer that was shown whole is in the session after Ctrl-C`() async throws {
        let answer = ScriptedAnswer.head(type: "text/event-stream")
            .then(
                #"data: {"choices":[{"index":0,"delta":{"content":"paid"},"finish_reason":"stop"}]}"#
                    + "\n\ndata: [DONE]\n\n"
            )
        try await ScriptedServer.run([answer, answer]) { server in
            let chat = try CommandProcess.inTerminal(["chat", "--model-url", server.baseURL, "--model", "any"])
            try await chat.expect("> ")
            try chat.send("first\r")
            try await chat.expect("\npaid")
            try chat.send(Self.interrupt)
            try await chat.expect("> ")
            try chat.send("second\r")
            while server.requests.count < 2 { try await Task.sleep(for: .milliseconds(5)) }
            #expect(server.requests.last.map { String(buffer: $0).contains(#""content":"paid""#) } == true)
            try await chat.expect("\npaid")
            try await chat.expect("> ")
            try chat.send(Self.end)
            #expect(try await chat.outcome().status == 0)
        }
    }

    @Test func `an answer is kept once its store is back`() async throws {
        var options = RedisServer.Options()
        options.appendOnly = true
        try await RedisServer.run(options) { server in
            try await Upstream.withServer { upstream in
                let chat = try CommandProcess.inTerminal([
                    "chat", "--model-url", upstream.baseURL, "--model", "any", "--store",
                    "redis://127.0.0.1:\(server.port)",
                ])
                try await chat.expect("> ")
                await server.kill()
                try chat.send("/say paid\r")
                try await chat.expect("\npaid")
                try await chat.expect("trying to keep the answer for ")
                try await server.restart()
                try await chat.expect("the answer is kept as revision 2")
                try await chat.expect("> ")
                try chat.send(Self.end)
                #expect(try await chat.outcome().status == 0)
                #expect(await upstream.report().requestCount == 1)
            }
        }
    }

    @Test func `the shown part of an answer that broke off is in the session, and the user is told`() async throws {
        let answer = ScriptedAnswer.head(type: "text/event-stream")
            .then(#"data: {"choices":[{"index":0,"delta":{"content":"paid"}}]}"# + "\n\n")
            .then(.close)
        try await ScriptedServer.run([answer, answer]) { server in
            let chat = try CommandProcess.inTerminal(["chat", "--model-url", server.baseURL, "--model", "any"])
            try await chat.expect("> ")
            for prompt in ["first", "second"] {
                try chat.send(prompt + "\r")
                try await chat.expect("\npaid")
                try await chat.expect("the answer broke off (truncated_answer): what is shown is kept as revision ")
                try await chat.expect("> ")
            }
            #expect(server.requests.last.map { String(buffer: $0).contains(#""content":"paid""#) } == true)
            try chat.send(Self.end)
            #expect(try await chat.outcome().status == 0)
        }
    }

    @Test func `Ctrl-C at the prompt gives the line up`() async throws {
        try await Self.withChat { upstream, chat in
            try chat.send("rubbish")
            try await chat.expect("rubbish")
            try chat.send(Self.interrupt)
            try await chat.expect("Ctrl-D ends the session.")
            try await chat.expect("> ")
            try await Self.say("clean", answer: "clean", chat)
            #expect(await upstream.report().requestCount == 1)
        }
    }

    @Test func `lines are edited, letters of many bytes too, and come back with the arrow`() async throws {
        try await Self.withChat { upstream, chat in
            try await Self.say("éü\(Self.delete)x\(Self.left)y", answer: "éyx", chat)
            try chat.send(Self.up + "\r")
            try await chat.expect("\néyx\r\n")
            try await chat.expect("> ")
            #expect(await upstream.report().requestCount == 2)
        }
    }

    @Test func `an error is one line, and the prompt returns`() async throws {
        try await Self.withChat { _, chat in
            try chat.send("/status 503\r")
            try await chat.expect("stateline: the provider failed (status 503)")
            try await chat.expect("> ")
            try await Self.say("alive", answer: "alive", chat)
        }
    }

    @Test func `a model cannot steer the terminal`() async throws {
        try await Self.withChat { _, chat in
            // The editor takes an escape as a key, so that the model has to say it by a tab's neighbour, quoted.
            try chat.send("/say a\u{16}\u{7}b\r")
            try await chat.expect("\na\u{FFFD}b\r\n")
            try await chat.expect("> ")
        }
    }
}
