import NIOCore
import Stateline
import StatelineDialects
import Testing

@Suite struct StreamParserTests {
    @Test(arguments: ["\n", "\r\n", "\r"])
    func `a stream may be cut into two pieces anywhere`(lineEnd: String) throws {
        let fixture = AnswerFixture(
            text: "é世👩‍👧",
            calls: [ToolCall(id: "c", name: "f", arguments: "{\"ü\":1}")],
            finishReason: "tool_calls",
            isTerse: true
        )
        let bytes = Array(("\u{feff}: comment é\(lineEnd)" + fixture.stream(chunkSize: 4, lineEnd: lineEnd)).utf8)
        let expected = try parse([bytes], isStreamed: true)
        #expect(expected.answer.entries == fixture.expectedEntries)
        for cut in 0...bytes.count {
            let (answer, parts) = try parse([bytes[..<cut], bytes[cut...]], isStreamed: true)
            #expect(answer == expected.answer, "cut at \(cut)")
            #expect(parts == expected.parts, "cut at \(cut)")
        }
        #expect(try parse(bytes.map { [$0] }, isStreamed: true) == expected)
    }

    @Test(arguments: [ServerProfile.lenient, .strict])
    func `a stream of 20 KB that ends before its end is truncated and nothing else`(profile: ServerProfile) throws {
        var fixture = AnswerFixture.everything
        fixture.text = String(repeating: fixture.text, count: 6)
        let text = fixture.stream(chunkSize: 5)
        let bytes = Array(text.utf8)
        #expect(bytes.count > 20_000)
        // The last byte without which the stream is cut off: that of the finish reason's chunk, or of the end mark.
        let mark = profile == .strict ? "[DONE]" : #""finish_reason":"tool_calls"}],"usage":null}"#
        let end = try #require(text.utf8.firstRange(of: Array(mark.utf8)))
        let whole = text.utf8.distance(from: text.startIndex, to: end.upperBound)
        var parser = ChatCompletions(profile: profile).makeParser(isStreamed: true)
        for (length, byte) in bytes.enumerated() {
            let failure = failure(ofEnding: parser)
            if failure != (length < whole ? .truncatedAnswer(receivedBytes: length) : nil) {
                Issue.record("cut at \(length): \(failure.map(\.description) ?? "an answer")")
            }
            _ = try parser.append(ByteBuffer(bytes: CollectionOfOne(byte)))
        }
        #expect(try parser.finish().entries == fixture.expectedEntries)
    }

    private func failure(ofEnding parser: any AnswerParser) -> ModelError? {
        var parser = parser
        do throws(ModelError) {
            _ = try parser.finish()
            return nil
        } catch {
            return error
        }
    }

    @Test func `parts arrive as they come and make up the answer`() throws {
        let fixture = AnswerFixture(text: "abcdef", reasoning: "why", refusal: "no")
        let parts = try parse([fixture.stream(chunkSize: 4).utf8], isStreamed: true).parts
        #expect(parts == [.reasoning("why"), .text("abcd"), .text("ef"), .refusal("no")])
    }

    @Test func `comments, other fields, data of several lines and bytes after the end are accepted`() throws {
        let text = """
            : keep-alive
            retry: 10
            event: message
            id: 1
            data: {"choices":
            data:[{"delta":{"content":"a"},
            data:  "finish_reason":"stop"}]}

            :
            data

            """
        #expect(try parse(stream: text + "\n").text == "a")
        #expect(throws: ModelError.self) { try parse(stream: text + "\n", profile: .strict) }
        let whole = text.replacing("data\n", with: "") + "\ndata:[DONE]\n\ndata: {\"error\":\"late\"}\n\nrubbish"
        #expect(try parse(stream: whole).text == "a")
    }

    @Test(arguments: [
        (
            #"{"error":{"message":"overloaded","code":503}}"#,
            ModelError.serverError(
                status: 503,
                retryAfter: nil,
                message: ProviderMessage("overloaded", code: "503")
            )
        ),
        (#"{"choices":[{"index":0,"delta":{}},{"index":1,"delta":{}}]}"#, .choiceCount(2)),
        (#"{"choices":[{"index":1,"delta":{"content":"b"}}]}"#, .choiceCount(2)),
        (#"{"choices":[{"delta":{"content":"a""#, .malformedAnswer("the JSON is cut off after 35 bytes")),
        (#"{"choices":[{"delta":{"a":1,"a":2}}]}"#, .duplicateKey("a")),
        (#"{"choices":[{"delta":{"content":"\ud83d"}}]}"#, .malformedAnswer("a number or a string in it is not JSON")),
        (String(repeating: "[", count: 100), .nestedTooDeeply(limit: 64)),
        ("hello", .malformedAnswer("not JSON at byte 0")),
    ])
    func `an event that is no chunk ends the stream with a typed error`(event: String, error: ModelError) {
        let begun = #"data: {"choices":[{"index":0,"delta":{"content":"a"}}]}"#
        #expect(throws: error) { try parse(stream: "\(begun)\n\ndata: \(event)\n\n", profile: .strict) }
    }

    @Test func `a stream that says it is done without a choice or a reason is no answer`() {
        #expect(throws: ModelError.choiceCount(0)) { try parse(stream: "data: [DONE]\n\n") }
        let text = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: [DONE]\n\n"
        let error = ModelError.truncatedAnswer(receivedBytes: text.utf8.count)
        #expect(throws: error) { try parse(stream: text, profile: .strict) }
    }

    @Test func `calls whose index is missing or always the same are told apart by their ids`() throws {
        for index in ["", #""index":0,"#] {
            let deltas = [("a", "{}"), ("b", "[1]")]
                .map { id, arguments in
                    #"{"choices":[{"delta":{"tool_calls":[{\#(index)"id":"\#(id)","function":{"name":"f","arguments":"\#(arguments)"}}]}}]}"#
                }
            let end = #"{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}"#
            let stream = (deltas + [end, "[DONE]"]).map { "data: \($0)\n\n" }.joined()
            #expect(try parse(stream: stream).toolCalls.map(\.arguments) == ["{}", "[1]"])
        }
    }

    @Test func `the pieces of tool calls are given as they come`() throws {
        let deltas = [
            #"{"index":0,"id":"a","function":{"name":"f","arguments":""}}"#,
            #"{"index":0,"function":{"arguments":"{\"x\":"}}"#,
            #"{"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}"#,
            #"{"index":0,"function":{"arguments":"1}"}}"#,
        ]
        var parser = ChatCompletions().makeParser(isStreamed: true)
        var parts: [AnswerPart] = []
        for delta in deltas {
            let event = #"data: {"choices":[{"delta":{"tool_calls":[\#(delta)]}}]}"#
            parts += try parser.append(ByteBuffer(string: event + "\n\n"))
        }
        #expect(
            parts == [
                .toolCallDelta(ToolCallDelta(index: 0, id: "a", name: "f")),
                .toolCallDelta(ToolCallDelta(index: 0, arguments: #"{"x":"#)),
                .toolCallDelta(ToolCallDelta(index: 1, id: "b", name: "g", arguments: "{}")),
                .toolCallDelta(ToolCallDelta(index: 0, arguments: "1}")),
            ]
        )
    }

    @Test func `a stream has ended with its finish reason, and is complete with its end mark`() throws {
        var parser = ChatCompletions().makeParser(isStreamed: true)
        _ = try parser.append(ByteBuffer(string: "data: \(textChunk("a"))\n\n"))
        #expect(!parser.hasEnded && !parser.isComplete)
        #expect(try parser.partial()?.text == "a" && parser.partial()?.finishReason == .incomplete)
        _ = try parser.append(ByteBuffer(string: "data: \(endChunk())\n\ndata: [DONE"))
        #expect(parser.hasEnded && !parser.isComplete)
        _ = try parser.append(ByteBuffer(string: "]"))
        #expect(parser.hasEnded && parser.isComplete)
        #expect(try parser.finish().text == "a")
    }

    @Test func `a fault behind text in one piece is thrown after the text was given`() throws {
        var parser = ChatCompletions().makeParser(isStreamed: true)
        let bytes = ByteBuffer(string: "data: \(textChunk("a"))\n\ndata: {\"error\":\"out\"}\n\n")
        #expect(try parser.append(bytes) == [.text("a")])
        #expect(parser.isComplete)
        #expect(throws: ModelError.streamFailed(message: "out")) { try parser.finish() }
        #expect(try parser.partial()?.text == "a")
    }

    @Test func `a member of each delta is kept once, and an array grows`() throws {
        let deltas = [#""content":"a","x_trace":"ab","x_list":[1]"#, #""x_trace":"\u0063","x_list":[2.0]"#]
        let stream = (deltas.map { chunk($0) } + [endChunk(), "[DONE]"]).map { "data: \($0)\n\n" }.joined()
        let bytes = try #require(try parse(stream: stream).entries[0].providerBytes?.bytes)
        #expect(String(buffer: bytes) == #"{"x_trace":"\u0063","x_list":[1,2.0]}"#)
    }
}
