import NIOHTTP1
import StatelineUpstream
import Testing

@Suite struct UpstreamAnswerTests {
    private static let weather =
        #","tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object"}}}]"#

    @Test func `the same request gets the same bytes`() async throws {
        try await Upstream.withServer { upstream in
            let client = UpstreamClient(upstream: upstream)
            let first = try await client.chat(prompt: "Hello", #","seed":1"#)
            _ = try await client.send(.DELETE, "/stateline/report")
            let second = try await client.chat(prompt: "Hello", #","seed":1"#)
            let other = try await client.chat(prompt: "Hallo")
            #expect(first.status == 200)
            #expect(first.body == second.body)
            let contents = try [first, other].map { try $0.decode(Completion.self).choices[0].message.content }
            #expect(contents[0] != contents[1])
        }
    }

    @Test func `an answer has as many words as configured, and says how many tokens they are`() async throws {
        var configuration = Upstream.Configuration()
        configuration.wordCount = 5
        try await Upstream.withServer(configuration) { upstream in
            let completion = try await UpstreamClient(upstream: upstream).chat(prompt: "Hello").decode(Completion.self)
            #expect(completion.choices[0].message.content?.split(separator: " ").count == 5)
            #expect(completion.choices[0].finish_reason == "stop")
            #expect(completion.usage.prompt_tokens == 4 + 2)
            #expect(completion.usage.completion_tokens == 5)
            #expect(completion.usage.total_tokens == 11)
        }
    }

    @Test func `a streamed answer is the plain one, a word an event`() async throws {
        try await Upstream.withServer { upstream in
            let client = UpstreamClient(upstream: upstream)
            let prompt = "Hello\n/reason Let me  think.\n"
            let plain = try await client.chat(prompt: prompt).decode(Completion.self)
            let reply = try await client.chat(
                prompt: prompt,
                #","stream":true,"stream_options":{"include_usage":true}"#
            )
            let events = try reply.events()
            let deltas = events.flatMap(\.choices).map(\.delta)
            #expect(reply.headers.first(name: "content-type") == "text/event-stream")
            #expect(deltas.compactMap(\.content).joined() == plain.choices[0].message.content)
            #expect(deltas.compactMap(\.content).count == 1 + 16)
            #expect(deltas.compactMap(\.reasoning_content) == ["Let ", "me  ", "think."])
            #expect(plain.choices[0].message.reasoning_content == "Let me  think.")
            #expect(events.flatMap(\.choices).compactMap(\.finish_reason) == ["stop"])
            #expect(events.last?.choices.isEmpty == true)
            #expect(events.last?.usage?.completion_tokens == 16 + 3)
            #expect(events.last?.usage?.completion_tokens_details.reasoning_tokens == 3)
            #expect(events.dropLast().allSatisfy { $0.usage == nil })
        }
    }

    @Test func `usage is streamed only where it is asked for`() async throws {
        try await Upstream.withServer { upstream in
            let reply = try await UpstreamClient(upstream: upstream).chat(prompt: "Hello", #","stream":true"#)
            #expect(try reply.events().allSatisfy { $0.usage == nil && !$0.choices.isEmpty })
        }
    }

    @Test func `a prompt can say the exact answer`() async throws {
        try await Upstream.withServer { upstream in
            let client = UpstreamClient(upstream: upstream)
            let said = try await client.chat(prompt: "x\n/say A \"quote\" \u{1}\u{7F}é😀 \\ end\n/say  two")
            #expect(
                try said.decode(Completion.self).choices[0].message.content == "A \"quote\" \u{1}\u{7F}é😀 \\ end\n two"
            )
            let cut = try await client.chat(prompt: "/say cut\n/length").decode(Completion.self)
            #expect(cut.choices[0].finish_reason == "length")
            let short = try await client.chat(prompt: "/say one two three", #","max_tokens":2"#)
            #expect(try short.decode(Completion.self).choices[0].message.content == "one two ")
            #expect(try short.decode(Completion.self).choices[0].finish_reason == "length")
        }
    }

    @Test func `a prompt can ask for a refusal`() async throws {
        try await Upstream.withServer { upstream in
            let client = UpstreamClient(upstream: upstream)
            let plain = try await client.chat(prompt: "/refuse I will not.").decode(Completion.self)
            #expect(plain.choices[0].message.refusal == "I will not.")
            #expect(plain.choices[0].message.content == nil)
            let events = try await client.chat(prompt: "/refuse I will not.", #","stream":true"#).events()
            #expect(events.flatMap(\.choices).compactMap(\.delta.refusal) == ["I ", "will ", "not."])
        }
    }

    @Test(arguments: [400, 401, 403, 429, 500, 503, 599])
    func `a prompt can ask for a status`(_ status: Int) async throws {
        try await Upstream.withServer { upstream in
            let client = UpstreamClient(upstream: upstream)
            let reply = try await client.chat(prompt: "/status \(status) some_code")
            #expect(reply.status == status)
            #expect(reply.headers.first(name: "retry-after") == (status == 429 ? "1" : nil))
            #expect(try reply.decode(Failure.self).error.code == "some_code")
            #expect(await upstream.report().requests.map(\.status) == [status])
        }
    }

    @Test func `a prompt can ask for declared tools, and outputs are quoted`() async throws {
        try await Upstream.withServer { upstream in
            let client = UpstreamClient(upstream: upstream)
            let prompt = #"/tool weather {"city":"Oslo"}"# + "\n/tool weather {broken\n/tool other {}"
            let plain = try await client.chat(prompt: prompt, Self.weather).decode(Completion.self)
            let calls = try #require(plain.choices[0].message.tool_calls)
            #expect(calls.map(\.function.arguments) == [#"{"city":"Oslo"}"#, "{broken"])
            #expect(calls.map(\.function.name) == ["weather", "weather"])
            #expect(Set(calls.map(\.id)).count == 2)
            #expect(plain.choices[0].finish_reason == "tool_calls")
            #expect(plain.choices[0].message.content == nil)

            let events = try await client.chat(prompt: prompt, Self.weather + #","stream":true"#).events()
            let streamed = events.flatMap(\.choices).flatMap { $0.delta.tool_calls ?? [] }
            #expect(streamed.map(\.id) == calls.map(\.id))
            #expect(streamed.map(\.index) == [0, 1])

            let body = Self.conversation(prompt, calls: calls.map(\.id), outputs: ["3 °C", "unknown"])
            let answer = try await client.chat(body).decode(Completion.self)
            #expect(answer.choices[0].message.content == #"The tools say "3 °C" and "unknown"."#)
            #expect(answer.choices[0].finish_reason == "stop")
        }
    }

    @Test func `steps of tools follow one another`() async throws {
        try await Upstream.withServer { upstream in
            let client = UpstreamClient(upstream: upstream)
            let prompt = "/tool weather 1\n/then\n/tool weather 2\n/say done"
            let first = try await client.chat(prompt: prompt, Self.weather).decode(Completion.self)
            let ids = (first.choices[0].message.tool_calls ?? []).map(\.id)
            let second = try await client.chat(Self.conversation(prompt, calls: ids, outputs: ["one"]))
            let calls = try #require(try second.decode(Completion.self).choices[0].message.tool_calls)
            #expect(calls.map(\.function.arguments) == ["2"])
            #expect(calls[0].id != ids[0])
        }
    }

    private static func conversation(_ prompt: String, calls: [String], outputs: [String]) -> String {
        let called = calls.map {
            #"{"id":"\#($0)","type":"function","function":{"name":"weather","arguments":"{}"}}"#
        }
        let messages =
            [
                #"{"role":"user","content":\#(UpstreamClient.quoted(prompt))}"#,
                #"{"role":"assistant","content":null,"tool_calls":[\#(called.joined(separator: ","))]}"#,
            ]
            + zip(calls, outputs)
            .map {
                #"{"role":"tool","tool_call_id":"\#($0)","content":[{"type":"text","text":\#(UpstreamClient.quoted($1))}]}"#
            }
        return #"{"model":"any","messages":[\#(messages.joined(separator: ","))]\#(weather)}"#
    }
}
