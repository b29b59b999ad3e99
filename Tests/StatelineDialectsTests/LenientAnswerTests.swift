import Foundation
import NIOCore
import Stateline
import StatelineDialects
import Testing

/// Answers with values that are no JSON, of which none is lost.
@Suite struct LenientAnswerTests {
    @Test(arguments: [
        #""logprobs":{"content":[{"token":"a","logprob":-Infinity,"bytes":[97]}]}"#, #""x_score":[01,.5,nan]"#,
        #""x_text":"\ud800""#,
    ])
    func `a value that is not read may be no JSON`(member: String) throws {
        let plain = #"{"choices":[{\#(member),"message":{"content":"kept"},"finish_reason":"stop"}],"n":-NaN}"#
        #expect(try parse(plain: plain).text == "kept")
        let chunk = #"{"choices":[{\#(member),"delta":{"content":"kept"},"finish_reason":"stop"}]}"#
        #expect(try parse(stream: "data: \(chunk)\n\ndata: [DONE]\n\n").text == "kept")
    }

    @Test func `what is no JSON is not sent again`() throws {
        let message = #"{"content":"a","x":{"n":[NaN]},"y":"\ud800","z":1.0}"#
        let answer = try parse(plain: #"{"choices":[{"message":\#(message),"finish_reason":"stop"}]}"#)
        let bytes = try #require(answer.entries[0].providerBytes?.bytes)
        #expect(String(buffer: bytes).contains(#""z":1.0"#))
        #expect(!String(buffer: bytes).contains("NaN") && !String(buffer: bytes).contains("ud800"))
    }

    @Test func `reasoning that came as an object too is sent under its member once`() async throws {
        let body = events(chunk(#""reasoning":{"a":1}"#), chunk(#""reasoning":"Hm.""#), textChunk("Hello"), endChunk())
        let shape = ProviderShape.streamed("OpenRouter", "an object of reasoning", body)
        let turn = try await ShapeTurn(shape, profile: .openRouter, hasCalls: false)
        #expect(turn.nextBody.components(separatedBy: #""reasoning":"#).count == 2)
        #expect(turn.nextBody.contains(#""reasoning":"Hm.""#))
    }

    @Test(arguments: ["max_tokens", "MAX_TOKENS", "model_length", "error", ""])
    func `a call that is cut is not kept under any reason but those of a whole answer`(reason: String) throws {
        let cut = callChunk(#""index":0,"id":"a","function":{"name":"f","arguments":"{\"city\":\"Os"}"#)
        let bare = callChunk(#""index":1,"id":"b","function":{"name":"f","arguments":""}"#)
        let end = reason.isEmpty ? [] : [endChunk(reason)]
        let stream = ([cut, bare] + end + ["[DONE]"]).map { "data: \($0)\n\n" }.joined()
        #expect(try parse(stream: stream).toolCalls == [ToolCall(id: "b", name: "f", arguments: "{}")])
    }

    @Test(arguments: [
        ["{}", #"{\"city\":"#, #"\"Oslo\"}"#], [#"{\"city\":"#, #"\"Oslo\"}"#, #"{\"city\":\"Oslo\"}"#],
    ])
    func `arguments behind an empty object replace it, and the whole ones again are no more`(pieces: [String]) throws {
        let first = callChunk(#""index":0,"id":"a","function":{"name":"f","arguments":"\#(pieces[0])"}"#)
        let others = pieces.dropFirst().map { callChunk(#""index":0,"function":{"arguments":"\#($0)"}"#) }
        let stream = ([first] + others + [endChunk("tool_calls")]).map { "data: \($0)\n\n" }.joined()
        let call = ToolCall(id: "a", name: "f", arguments: #"{"city":"Oslo"}"#)
        #expect(try parse(stream: stream).toolCalls == [call])
    }

    @Test(arguments: [
        (#""refusal":"a\ud83d""#, #""refusal":"\ude00b""#),
        (
            #""content":[{"type":"thinking","thinking":[{"type":"text","text":"a\ud83d"}]}]"#,
            #""content":[{"type":"thinking","thinking":[{"type":"text","text":"\ude00b"}]}]"#
        ),
        (#""reasoning":{"text":"a\ud83d"}"#, #""reasoning":{"text":"\ude00b"}"#),
    ])
    func `halves of a surrogate pair in two deltas are one character in a refusal and in reasoning`(
        first: String,
        second: String
    ) throws {
        let stream = events(chunk(first), chunk(second), endChunk())
        let (answer, parts) = try parse([stream.utf8], isStreamed: true)
        let shown = parts.reduce(into: "") { text, part in
            switch part {
            case .reasoning(let piece), .refusal(let piece): text += piece
            default: break
            }
        }
        #expect(shown == "a\u{1f600}b")
        let kept = answer.entries.contains { entry in
            switch entry.content {
            case .reasoning(let reasoning): reasoning.text == shown
            case .response(let parts): parts == [.refusal(shown)]
            default: false
            }
        }
        #expect(kept)
    }

    @Test func `half of a surrogate pair within a text is shown as the replacement character`() throws {
        let answer = try parse(plain: #"{"choices":[{"message":{"content":"a\ud800b"},"finish_reason":"stop"}]}"#)
        #expect(answer.text == "a\u{fffd}b")
    }
}
