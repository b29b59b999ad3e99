import NIOCore
import Stateline
import StatelineDialects
import Testing

/// What both forms of an answer have in common.
@Suite struct AnswerParserTests {
    static let fixtures = [
        AnswerFixture(text: "Hello"),
        AnswerFixture(),
        AnswerFixture(text: "Short", finishReason: "length"),
        AnswerFixture(refusal: "I cannot help with that."),
        AnswerFixture(text: "Half", refusal: "no", finishReason: "content_filter"),
        AnswerFixture(reasoning: "Because", extra: #""audio":{"id":"x","n":1.0}"#),
        AnswerFixture(
            calls: [ToolCall(id: "a", name: "f", arguments: "[1]"), ToolCall(id: "b", name: "f", arguments: "{}")],
            finishReason: "tool_calls"
        ),
        .everything,
    ]

    @Test(arguments: fixtures)
    func `a plain and a streamed answer give equal entries`(fixture: AnswerFixture) throws {
        let plain = try parse(plain: fixture.plain)
        #expect(plain.entries.map(\.content) == fixture.expectedEntries.map(\.content))
        #expect(plain.usage == AnswerFixture.expectedUsage)
        for size in [1, 2, 7, 1000] {
            #expect(try parse(stream: fixture.stream(chunkSize: size)) == plain)
        }
    }

    @Test func `a plain answer in place of a stream is read`() throws {
        let plain = AnswerFixture.everything.plain
        #expect(try parse(stream: plain) == parse(plain: plain))
        #expect(try parse(plain.utf8.map { [$0] }, isStreamed: true).answer == parse(plain: plain))
    }

    @Test(arguments: [
        ("stop", FinishReason.stop), ("length", .length), ("tool_calls", .toolCalls),
        ("content_filter", .contentFilter),
    ])
    func `known finish reasons are told apart`(word: String, reason: FinishReason) throws {
        #expect(try parse(plain: AnswerFixture(text: "a", finishReason: word).plain).finishReason == reason)
        #expect(try parse(stream: AnswerFixture(text: "a", finishReason: word).stream()).finishReason == reason)
    }

    @Test func `an unknown finish reason is kept, and is an error that holds the whole answer to a strict reader`()
        throws
    {
        let fixture = AnswerFixture(text: "paid for", finishReason: "eos_token")
        let answer = Answer(
            entries: fixture.expectedEntries,
            finishReason: .other("eos_token"),
            usage: AnswerFixture.expectedUsage
        )
        #expect(try parse(plain: fixture.plain) == answer)
        #expect(try parse(stream: fixture.stream()) == answer)
        let error = ModelError.unknownFinishReason("eos_token", answer)
        #expect(throws: error) { try parse(plain: fixture.plain, profile: .strict) }
        #expect(throws: error) { try parse(stream: fixture.stream(), profile: .strict) }
    }

    @Test func `usage that is absent, null or absurd is not made up`() throws {
        for usage in ["null", "{}", #"{"prompt_tokens":9223372036854775807,"completion_tokens":1}"#] {
            let text = #"{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}],"usage":\#(usage)}"#
            #expect(try parse(plain: text).usage == nil)
        }
        let bare =
            #"{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"prompt_tokens_details":null}}"#
        #expect(
            try parse(plain: bare).usage == Usage(input: .init(totalTokenCount: 3), output: .init(totalTokenCount: 2))
        )
    }

    @Test(arguments: [
        (#"{"choices":[]}"#, ModelError.choiceCount(0)),
        (
            #"{"choices":[{"message":{},"finish_reason":"stop"},{"message":{},"finish_reason":"stop"}]}"#,
            .choiceCount(2)
        ),
        (#"{"choices":[{"index":1,"message":{},"finish_reason":"stop"}]}"#, .choiceCount(2)),
        (#"{"choices":[{"message":{"content":"a","content":"b"},"finish_reason":"stop"}]}"#, .duplicateKey("content")),
        (#"{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}],"choices":[]}"#, .duplicateKey("choices")),
        (#"{"error":{"message":"overloaded"}}"#, .streamFailed(message: "overloaded")),
        (#"{"error":"overloaded"}"#, .streamFailed(message: "overloaded")),
        (#"{"choices":{}}"#, .malformedAnswer("no choices")),
        ("[]", .malformedAnswer("not an object")),
        ("<html>", .malformedAnswer("not JSON at byte 0")),
        (#"{"choices":[{"finish_reason":"stop"}]}"#, .malformedAnswer("the choice has no message")),
        (#"{"choices":[{"message":{}}]}"#, .malformedAnswer("the choice has no finish_reason")),
        (
            #"{"choices":[{"message":{"content":1},"finish_reason":"stop"}]}"#,
            .malformedAnswer("content is not a string")
        ),
        (
            #"{"choices":[{"message":{"content":"\ud800"},"finish_reason":"stop"}]}"#,
            .malformedAnswer("a number or a string in it is not JSON")
        ),
        (
            #"{"choices":[{"message":{"tool_calls":[{"id":"a","function":{}}]},"finish_reason":"stop"}]}"#,
            .malformedAnswer("a tool call has no name")
        ),
        (
            #"{"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"f"}},{"id":"a","function":{"name":"f"}}]},"finish_reason":"stop"}]}"#,
            .malformedAnswer("two tool calls have the same id")
        ),
        (
            #"{"choices":[{"message":{"tool_calls":[{"id":"a","type":"custom"}]},"finish_reason":"stop"}]}"#,
            .malformedAnswer("a tool call of the unknown type \"custom\"")
        ),
        (String(repeating: "[", count: 1000), .nestedTooDeeply(limit: 64)),
    ])
    func `what is no answer to a strict reader is a typed error`(text: String, error: ModelError) {
        #expect(throws: error) { try parse(plain: text, profile: .strict) }
    }

    @Test(arguments: [
        ("[]", ModelError.malformedAnswer("not an object")), ("<html>", .malformedAnswer("not JSON at byte 0")),
        (#"{"choices":[]}"#, .choiceCount(0)), (#"{"choices":{}}"#, .choiceCount(0)), ("{}", .choiceCount(0)),
        (#"{"choices":[{"message":{"content":"a","content":"b"},"finish_reason":"stop"}]}"#, .duplicateKey("content")),
        (#"{"choices":[{"message":[],"finish_reason":"stop"}]}"#, .malformedAnswer("the message is not an object")),
        (String(repeating: "[", count: 1000), .nestedTooDeeply(limit: 64)),
    ])
    func `what is no answer is a typed error`(text: String, error: ModelError) {
        #expect(throws: error) { try parse(plain: text) }
    }

    @Test func `a plain answer that breaks off anywhere is truncated`() {
        let bytes = Array(AnswerFixture.everything.plain.utf8)
        for length in 0..<bytes.count {
            #expect(throws: ModelError.truncatedAnswer(receivedBytes: length)) {
                try parse([bytes[..<length]], isStreamed: false)
            }
        }
    }

    @Test func `bytes that are not UTF-8 are refused in both forms`() {
        let plain = Array(#"{"choices":[{"message":{"content":""#.utf8) + [0xff] + Array(#""}}]}"#.utf8)
        #expect(throws: ModelError.invalidUTF8) { try parse([plain], isStreamed: false) }
        let stream = Array(#"data: {"choices":[{"delta":{"content":""#.utf8) + [0xff] + Array("\"}}]}\n\n".utf8)
        #expect(throws: ModelError.invalidUTF8) { try parse([stream], isStreamed: true) }
    }

    @Test func `calls of careless servers get ids, and arguments that are objects become text`() throws {
        let call = #"{"function":{"name":"f","arguments":{"a": 1.0}}}"#
        let text = #"{"choices":[{"message":{"tool_calls":[\#(call),\#(call)]},"finish_reason":"tool_calls"}]}"#
        #expect(
            try parse(plain: text).toolCalls == [
                ToolCall(id: "call_0", name: "f", arguments: #"{"a": 1.0}"#),
                ToolCall(id: "call_1", name: "f", arguments: #"{"a": 1.0}"#),
            ]
        )
    }

    /// A message or delta that asks for calls.
    private func asking(for count: Int, in member: String) -> String {
        let calls = (0..<count).map { #"{"index":\#($0),"id":"\#($0)","function":{"name":"f","arguments":"{}"}}"# }
        let message = #""\#(member)":{"tool_calls":[\#(calls.joined(separator: ","))]},"finish_reason":"tool_calls""#
        return #"{"choices":[{\#(message)}]}"#
    }

    @Test func `an answer with more tool calls than the limit is refused in both forms`() throws {
        let limit = Answer.maximumToolCallCount
        func stream(_ count: Int) -> String { "data: \(asking(for: count, in: "delta"))\n\ndata: [DONE]\n\n" }
        #expect(try parse(plain: asking(for: limit, in: "message")).toolCalls.count == limit)
        #expect(try parse(stream: stream(limit)).toolCalls.count == limit)
        #expect(throws: ModelError.tooManyToolCalls(limit: limit)) {
            try parse(plain: asking(for: limit + 1, in: "message"))
        }
        #expect(throws: ModelError.tooManyToolCalls(limit: limit)) { try parse(stream: stream(limit + 1)) }
    }

    @Test(arguments: [
        (#"{"tool_calls":[{"id":"a","function":{"name":"f%"}}]}"#, "stop", "a tool call has no name"),
        (#"{"content":"a"}"#, "stop%", "the choice has no finish_reason"),
        (#"{"content":[{"type":"text%","text":"a"}]}"#, "stop", #"content of the unknown type "none""#),
        (#"{"content":"a","x%":1}"#, "stop", "the member name at byte 39 has too many combining marks in a row"),
    ])
    func `a word with a long run of combining marks is never compared`(
        message: String,
        reason: String,
        error: String
    ) {
        let text = #"{"choices":[{"message":\#(message),"finish_reason":"\#(reason)"}]}"#
        func marked(_ count: Int) -> String {
            text.replacing("%", with: String(repeating: "\u{301}\u{316}", count: count / 2))
        }
        func fault(_ text: String) -> ModelError? {
            do throws(ModelError) {
                _ = try parse(plain: text, profile: .strict)
                return nil
            } catch {
                return error
            }
        }
        #expect(fault(marked(32)) == .malformedAnswer(error))
        #expect(fault(marked(30)) != .malformedAnswer(error))
    }
}
