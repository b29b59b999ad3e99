import Foundation
import NIOCore
import Stateline
import StatelineDialects
import StatelineTesting
import Testing

@Suite struct RenderingTests {
    private func rendered(_ entries: [Entry], dialect: ChatCompletions = ChatCompletions()) -> String {
        var buffer = ByteBuffer()
        dialect.render(entries[...], after: Transcript()[...], into: &buffer)
        return String(buffer: buffer)
    }

    private let call = ToolCall(id: "c1", name: "weather", arguments: #"{"city":"Bern"}"#)
    private let renderedCall =
        #"{"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Bern\"}"}}"#

    @Test func `entries become messages`() {
        let output = ToolOutput(callID: "c1", name: "weather", text: "sunny")
        #expect(rendered([.instructions("Be brief.")]) == #"{"role":"system","content":"Be brief."}"#)
        #expect(rendered([.prompt("Hi\0\n\"")]) == #"{"role":"user","content":"Hi\u0000\n\""}"#)
        #expect(rendered([.response("Hello")]) == #"{"role":"assistant","content":"Hello"}"#)
        #expect(rendered([Entry(.response([]))]) == #"{"role":"assistant","content":""}"#)
        #expect(
            rendered([Entry(.toolCalls([call]))])
                == #"{"role":"assistant","content":null,"tool_calls":[\#(renderedCall)]}"#
        )
        #expect(
            rendered([Entry(.toolOutput(output))])
                == #"{"role":"tool","tool_call_id":"c1","name":"weather","content":"sunny"}"#
        )
        #expect(rendered([Entry(.reasoning(Reasoning(text: "hm")))]) == "")
        #expect(rendered([Entry(.compaction([.text("So far")]))]) == #"{"role":"user","content":"So far"}"#)
        #expect(
            rendered([Entry(.response([.text("a"), .refusal("b")]))])
                == #"{"role":"assistant","content":"a","refusal":"b"}"#
        )
        #expect(
            rendered(
                [.instructions("x")],
                dialect: ChatCompletions(profile: ServerProfile(instructionsRole: .developer))
            )
                == #"{"role":"developer","content":"x"}"#
        )
    }

    @Test func `a response and the calls right after it are one message`() {
        #expect(
            rendered([Entry(.reasoning(Reasoning(text: "hm"))), .response("Wait"), Entry(.toolCalls([call, call]))])
                == #"{"role":"assistant","content":"Wait","tool_calls":[\#(renderedCall),\#(renderedCall)]}"#
        )
        #expect(
            rendered([.response("a"), .prompt("b"), Entry(.toolCalls([call]))])
                == #"{"role":"assistant","content":"a"},{"role":"user","content":"b"},"#
                + #"{"role":"assistant","content":null,"tool_calls":[\#(renderedCall)]}"#
        )
    }

    @Test func `pictures and files become parts`() {
        let parts: [Part] = [
            .text("Look"), .image(Media(.url("https://example.com/a.png"))),
            .image(Media(.data(ByteBuffer(bytes: [0, 1, 2, 255])), mediaType: "image/png")),
            .file(Media(.providerFile(id: "file-1"))),
            .file(Media(.data(ByteBuffer(string: "hi")), mediaType: "text/plain", name: "a.txt")),
        ]
        #expect(
            rendered([Entry(.prompt(parts))])
                == #"{"role":"user","content":[{"type":"text","text":"Look"},"#
                + #"{"type":"image_url","image_url":{"url":"https://example.com/a.png"}},"#
                + #"{"type":"image_url","image_url":{"url":"data:image/png;base64,AAEC/w=="}},"#
                + #"{"type":"file","file":{"file_id":"file-1"}},"#
                + #"{"type":"file","file":{"filename":"a.txt","file_data":"data:text/plain;base64,aGk="}}]}"#
        )
    }

    @Test func `parameters stand last, and only those that are set`() {
        let dialect = ChatCompletions()
        #expect(String(buffer: dialect.opening(Transcript().preamble)) == #"{"messages":["#)
        #expect(
            String(buffer: dialect.closing(CallParameters(model: "m\"")))
                == #"],"model":"m\""}"#
        )
        let tool = ToolDefinition(name: "f", description: "does", parameters: .object(["a": .integer()]))
        let options = GenerationOptions(
            temperature: 0.7,
            maximumResponseTokens: 5,
            topP: .nan,
            seed: -1,
            stopSequences: ["\n", "x"]
        )
        #expect(
            String(buffer: dialect.declaration(of: [tool]))
                == #"],"tools":[{"type":"function","function":{"name":"f","description":"does","#
                + #""parameters":{"type":"object","properties":{"a":{"type":"integer"}},"required":[]}}}"#
        )
        #expect(dialect.declaration(of: []) == ByteBuffer())
        #expect(
            String(buffer: dialect.closing(CallParameters(model: "m", options: options, isStreamed: true)))
                == #"],"model":"m","stream":true,"stream_options":{"include_usage":true},"#
                + #""temperature":0.7,"max_tokens":5,"seed":-1,"stop":["\n","x"]}"#
        )
        let closing = ChatCompletions(profile: .openAI)
            .closing(CallParameters(model: "m", options: .init(maximumResponseTokens: 5)))
        #expect(String(buffer: closing) == #"],"model":"m","max_completion_tokens":5}"#)
    }

    @Test func `what the format cannot express of an entry is told`() {
        let dialect = ChatCompletions()
        let foreign = ProviderBytes(dialect: "another", bytes: ByteBuffer(string: "{}"))
        let own = ProviderBytes(dialect: dialect.name, bytes: ByteBuffer(string: "{}"))
        let failed = ToolOutput(callID: "c", name: "f", text: "no", isError: true)
        let entries: [Entry] = [
            .prompt("a"), Entry(.reasoning(Reasoning(text: "hm"))), .response("b"),
            Entry(.response([.text("c")]), providerBytes: foreign), Entry(.response([.text("d")]), providerBytes: own),
            Entry(.toolOutput(failed)), Entry(.toolOutput(ToolOutput(callID: "c", name: "f", text: "yes"))),
        ]
        let losses = dialect.losses(of: entries)
        #expect(losses.map(\.entry) == [1, 3, 5])
        #expect(losses.map(\.loss) == [.reasoning, .providerBytes, .toolFailure])
    }

    @Test func `settings of a provider stand behind those that the dialect knows`() {
        let tools = [ToolDefinition(name: "f", description: "does", parameters: .object())]
        let options = GenerationOptions(
            temperature: 0.5,
            toolChoice: .tool("f"),
            allowsParallelToolCalls: false,
            reasoningEffort: .low,
            providerMembers: [
                "zeta": ["a": 1], "alpha": nil, "model": "other", "stream": false, "temperature": 2, "top_p": 0.1,
            ]
        )
        #expect(
            String(buffer: ChatCompletions().closing(CallParameters(model: "m", options: options, tools: tools)))
                == #"],"model":"m","temperature":0.5,"#
                + #""tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false,"#
                + #""reasoning_effort":"low","alpha":null,"top_p":0.1,"zeta":{"a":1}}"#
        )
        for (choice, text) in [(ToolChoice.automatic, "auto"), (.noTool, "none"), (.required, "required")] {
            var call = CallParameters(model: "m", options: GenerationOptions(toolChoice: choice), tools: tools)
            let closing = ChatCompletions().closing(call)
            #expect(String(buffer: closing) == #"],"model":"m","tool_choice":"\#(text)"}"#)
            // Providers refuse options of tool calls beside no tools.
            call.tools = []
            #expect(String(buffer: ChatCompletions().closing(call)) == #"],"model":"m"}"#)
        }
    }

    @Test func `JSON is text to the model`() {
        let output = ToolOutput(callID: "c", name: "", parts: [.json(#"{"a":1}"#)])
        #expect(
            rendered([Entry(.toolOutput(output))]) == #"{"role":"tool","tool_call_id":"c","content":"{\"a\":1}"}"#
        )
    }

    @Test func `the provider's bytes are sent in place of its whole message`() throws {
        let fixture = AnswerFixture(
            text: "a",
            calls: [call],
            finishReason: "tool_calls",
            extra: #""signature":"s\/=","n":1.50"#
        )
        let answer = try parse(plain: fixture.plain)
        let message = #"{"role":"assistant","content":"a","tool_calls":[\#(renderedCall)],"signature":"s\/=","n":1.50}"#
        #expect(rendered(answer.entries) == message)
        #expect(rendered([.prompt("x")] + answer.entries + [.prompt("y")]).contains(",\(message),"))
        #expect(answer.entries.map { $0.providerBytes != nil } == [true, false])

        let foreign = Entry(
            .response([.text("a")]),
            providerBytes: ProviderBytes(dialect: "another", bytes: ByteBuffer(string: "{}"))
        )
        #expect(rendered([foreign]) == #"{"role":"assistant","content":"a"}"#)
    }

    @Test func `members that one server refuses are stored for another one`() throws {
        let fixture = AnswerFixture(text: "a", extra: #""signature":"s""#)
        let entries = try parse(plain: fixture.plain, profile: .strict).entries
        let known = #"{"role":"assistant","content":"a"}"#
        for profile in [ServerProfile.openAI, .mistral, .strict] {
            #expect(rendered(entries, dialect: ChatCompletions(profile: profile)) == known)
            #expect(ChatCompletions(profile: profile).losses(of: entries[0]) == [.providerBytes])
        }
        for profile in [ServerProfile.lenient, .gemini, .openRouter] {
            #expect(
                rendered(entries, dialect: ChatCompletions(profile: profile)) == known.dropLast()
                    + #","signature":"s"}"#
            )
            #expect(ChatCompletions(profile: profile).losses(of: entries[0]).isEmpty)
        }
    }

    @Test func `members beside the typed view are stored without it`() throws {
        let text = String(repeating: "a", count: 4096)
        let entry = try parse(plain: AnswerFixture(text: text, extra: #""signature":"s""#).plain).entries[0]
        #expect(entry.providerBytes.map { String(buffer: $0.bytes) } == #"{"signature":"s"}"#)
    }

    @Test func `reasoning goes back as the profile says`() throws {
        let thought = Entry(.reasoning(Reasoning(text: "hm")))
        let answer = [thought, .response("a"), .prompt("b"), .response("c")]
        let calls = [thought, Entry(.toolCalls([call]))]
        func messages(_ entries: [Entry], _ profile: ServerProfile) -> String {
            rendered(entries, dialect: ChatCompletions(profile: profile))
        }
        #expect(!messages(answer + calls, .mistral).contains("hm"))
        #expect(!messages(answer, .deepSeek).contains("reasoning"))
        #expect(
            messages(calls, .deepSeek).hasPrefix(#"{"role":"assistant","content":"","reasoning_content":"hm","tool"#)
        )
        #expect(messages([calls[1]], .deepSeek).contains(#","reasoning_content":"","tool_calls""#))
        #expect(messages(answer, .openRouter).hasPrefix(#"{"role":"assistant","content":"a","reasoning":"hm"},"#))
        #expect(messages(answer, .openRouter).hasSuffix(#"{"role":"assistant","content":"c"}"#))
    }

    @Test func `usage of a stream is asked for if the profile says so`() {
        let call = CallParameters(model: "m", isStreamed: true)
        #expect(String(buffer: ChatCompletions().closing(call)).contains("stream_options"))
        #expect(String(buffer: ChatCompletions(profile: .mistral).closing(call)) == #"],"model":"m","stream":true}"#)
    }

    @Test func `the provider's bytes are kept only where they say more than the entry`() throws {
        for fixture in [AnswerFixture.everything, AnswerFixture(text: "a"), AnswerFixture(refusal: "b")] {
            #expect(try parse(plain: fixture.plain).entries.allSatisfy { $0.providerBytes == nil })
        }
        let call =
            #"{"id":"c","type":"function","function":{"name":"f","arguments":"{}","x":1},"extra_content":{"s":"t"}}"#
        let text = #"{"choices":[{"message":{"tool_calls":[\#(call)]},"finish_reason":"tool_calls"}]}"#
        #expect(
            rendered(try parse(plain: text).entries) == #"{"role":"assistant","content":null,"tool_calls":[\#(call)]}"#
        )
    }

    @Test(arguments: [ServerProfile.lenient, .deepSeek, .mistral, .openRouter])
    func `a longer history begins with the exact bytes of a shorter one`(profile: ServerProfile) throws {
        let dialect = ChatCompletions(profile: profile)
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            var history: [Entry] = []
            var body = ByteBuffer()
            for _ in 0..<Int.random(in: 1...20, using: &random) {
                let added = entries(&random)
                dialect.render(added[...], after: Transcript(history)[...], into: &body)
                history += added
                #expect(rendered(history, dialect: dialect) == String(buffer: body), "seed \(seed)")
            }
            let messages = try JSONSerialization.jsonObject(with: Data("[\(String(buffer: body))]".utf8))
            #expect((messages as? [[String: Any]])?.allSatisfy { $0["role"] != nil } == true, "seed \(seed)")
        }
    }

    /// What one answer, one prompt or one round of tools could add.
    private func entries(_ random: inout SeededGenerator) -> [Entry] {
        let text = ["", "plain", "\"\\\u{1}\0", "é世👩‍👧"].randomElement(using: &random)!
        let reasoning = Entry(.reasoning(Reasoning(text: text)))
        return [
            [.prompt(text)], [.instructions(text)], [Entry(.prompt([.text(text), .image(Media(.url(text)))]))],
            [.prompt(text), .response(text)], [.prompt("p"), reasoning, .response(text), Entry(.toolCalls([call]))],
            [
                .prompt(text), Entry(.toolCalls([call])),
                Entry(.toolOutput(ToolOutput(callID: text, name: "", text: text))),
            ],
            [Entry(.compaction([.text(text)]))],
        ]
        .randomElement(using: &random)!
    }
}
