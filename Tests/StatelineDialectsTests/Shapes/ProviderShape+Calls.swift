import Stateline
import StatelineDialects

extension ProviderShape {
    private static let ended = endChunk("tool_calls")
    private static let calling = #","finish_reason":"tool_calls""#

    /// One call in a whole answer.
    private static func plainCalls(_ calls: String...) -> String {
        whole(#""content":null,"tool_calls":[\#(calls.map { "{\($0)}" }.joined(separator: ","))]"#, finish: calling)
    }

    private static func running(_ calls: String...) -> (inout ProviderShape) -> Void {
        { ($0.text, $0.calls) = ("", calls) }
    }

    private static let weather = #""function":{"name":"weather","arguments":"{\"a\":1}"}"#
    private static let time = #""function":{"name":"time","arguments":"{}"}"#
    private static let random = #""id":"call_8fj2Kd93jfK2","type":"function""#
    private static let otherRandom = #""id":"call_Qp40vn3KWmz1","type":"function""#

    /// The forms of tool calls that are documented, and what is sent back beside them.
    static let documentedCalls = list {
        ProviderShape.plain(
            "OpenAI",
            "two calls",
            as: .openAI,
            plainCalls("\(random),\(weather)", "\(otherRandom),\(time)"),
            running(#"weather {"a":1}"#, "time {}")
        )
        ProviderShape.streamed(
            "OpenAI",
            "two calls whose pieces are interleaved",
            as: .openAI,
            events(
                callChunk(#""index":0,\#(random),"function":{"name":"weather","arguments":""}"#),
                callChunk(#""index":0,"function":{"arguments":"{\"a\":"}"#),
                callChunk(#""index":1,\#(otherRandom),"function":{"name":"time","arguments":"{"}"#),
                callChunk(#""index":0,"function":{"arguments":"1}"}"#),
                callChunk(#""index":1,"function":{"arguments":"}"}"#),
                ended
            ),
            running(#"weather {"a":1}"#, "time {}")
        )
        ProviderShape.streamed(
            "OpenAI",
            "text before a call",
            as: .openAI,
            events(textChunk("Hello"), callChunk(#""index":0,\#(random),\#(weather)"#), ended)
        ) { ($0.text, $0.calls) = ("Hello", [#"weather {"a":1}"#]) }
        ProviderShape.streamed(
            "DeepSeek",
            "reasoning before a call, which is demanded back",
            as: .deepSeek,
            events(chunk(#""reasoning_content":"hm""#), callChunk(#""index":0,\#(random),\#(weather)"#), ended)
        ) {
            ($0.text, $0.reasoning, $0.calls) = ("", "hm", [#"weather {"a":1}"#])
            $0.sent = [
                Sent(profile: .deepSeek, text: #""content":"","reasoning_content":"hm","tool_calls""#),
                Sent(profile: .lenient, text: #""content":null,"tool_calls""#),
                Sent(profile: .mistral, text: "reasoning", isThere: false),
            ]
        }
        ProviderShape.plain("DeepSeek", "a call without reasoning", as: .deepSeek, plainCalls("\(random),\(weather)")) {
            ($0.text, $0.calls) = ("", [#"weather {"a":1}"#])
            $0.sent = [Sent(profile: .deepSeek, text: #""reasoning_content":"","tool_calls""#)]
        }
        ProviderShape.streamed(
            "Gemini",
            "a thought signature, which is demanded back",
            as: .gemini,
            events(
                callChunk(#""index":0,\#(random),\#(weather),"extra_content":{"google":{"thought_signature":"s"}}"#),
                ended
            )
        ) {
            ($0.text, $0.calls) = ("", [#"weather {"a":1}"#])
            $0.sent = [
                Sent(profile: .gemini, text: #""extra_content":{"google":{"thought_signature":"s"}}}]"#),
                Sent(profile: .strict, text: "extra_content", isThere: false),
                Sent(profile: .openAI, text: "extra_content", isThere: false),
            ]
        }
        ProviderShape.plain(
            "Mistral",
            "an id of nine letters and digits",
            as: .mistral,
            plainCalls(#""id":"D681PevKs",\#(weather)"#)
        ) {
            ($0.text, $0.calls) = ("", [#"weather {"a":1}"#])
            $0.sent = [
                Sent(profile: .mistral, text: #""id":"D681PevKs""#), Sent(profile: .mistral, text: #""content":"""#),
            ]
        }
        ProviderShape.plain("Mistral", "an id of another form", as: .mistral, plainCalls("\(random),\(weather)")) {
            ($0.text, $0.calls) = ("", [#"weather {"a":1}"#])
            $0.sent = [
                Sent(profile: .mistral, text: "call_8fj2Kd93jfK2", isThere: false),
                Sent(profile: .lenient, text: #""id":"call_8fj2Kd93jfK2""#),
            ]
        }
        ProviderShape.streamed(
            "vLLM",
            "the reason stop with a call",
            as: .vLLM,
            events(callChunk(#""index":0,\#(random),\#(weather)"#), endChunk()),
            running(#"weather {"a":1}"#)
        )
        ProviderShape.plain(
            "Ollama",
            "the reason stop with a call in a whole answer",
            as: .ollama,
            plainCalls("\(random),\(weather)").replacing(#""tool_calls"}"#, with: #""stop"}"#),
            running(#"weather {"a":1}"#)
        )
        ProviderShape.streamed("SGLang", "the reason tool_calls without a call", events(textChunk("Hello"), ended)) {
            $0.finishReason = .toolCalls
        }
        ProviderShape.streamed(
            "OpenAI",
            "a call that the limit of tokens cut",
            as: .openAI,
            events(
                textChunk("Hello"),
                callChunk(#""index":0,\#(random),"function":{"name":"weather","arguments":"{\"a\""}"#),
                endChunk("length")
            )
        ) { $0.finishReason = .length }
        ProviderShape.plain(
            "vLLM",
            "a whole call and one that the limit of tokens cut",
            as: .vLLM,
            plainCalls("\(random),\(weather)", #"\#(otherRandom),"function":{"name":"time","arguments":""}"#)
                .replacing(#""tool_calls"}"#, with: #""length"}"#),
            running(#"weather {"a":1}"#)
        )
    }
}
