import Stateline
import StatelineDialects

extension ProviderShape {
    private static let ended = endChunk("tool_calls")
    private static let id = #""id":"call_8fj2Kd93jfK2""#
    private static let otherID = #""id":"call_Qp40vn3KWmz1""#
    private static let weather = #""function":{"name":"weather","arguments":"{\"a\":1}"}"#
    private static let time = #""function":{"name":"time","arguments":"{}"}"#
    private static let both = [#"weather {"a":1}"#, "time {}"]
    private static let one = [#"weather {"a":1}"#]

    /// A stream of the deltas of calls.
    private static func deltas(_ deltas: String...) -> String {
        (deltas.map(callChunk) + [ended, "[DONE]"]).map { "data: \($0)\n\n" }.joined()
    }

    private static func message(_ members: String) -> String {
        whole(#""content":null,\#(members)"#, finish: #","finish_reason":"tool_calls""#)
    }

    private static func expecting(_ calls: [String], strict: String? = nil) -> (inout ProviderShape) -> Void {
        { ($0.text, $0.calls, $0.strict) = ("", calls, strict) }
    }

    /// The forms of tool calls that are documented nowhere.
    static let oddCalls = list {
        ProviderShape.streamed(
            "Gemini",
            "one index and no ids for whole calls",
            as: .gemini,
            deltas(#""index":0,"id":"",\#(weather)"#, #""index":0,"id":"",\#(time)"#),
            expecting(both)
        )
        ProviderShape.streamed(
            "Dynamo",
            "one index and different ids",
            deltas(#""index":0,\#(id),\#(weather)"#, #""index":0,\#(otherID),\#(time)"#),
            expecting(both)
        )
        ProviderShape.streamed(
            "Ollama",
            "no index",
            as: .ollama,
            deltas(#"\#(id),\#(weather)"#, #"\#(otherID),\#(time)"#),
            expecting(both)
        )
        ProviderShape.streamed(
            "LiteLLM",
            "neither index nor id for whole calls",
            deltas(weather, time),
            expecting(both)
        )
        ProviderShape.streamed(
            "vLLM",
            "empty ids in the pieces that continue",
            as: .vLLM,
            deltas(
                #""index":0,\#(id),"type":"function","function":{"name":"weather","arguments":""}"#,
                #""index":0,"id":"","type":"","function":{"name":"","arguments":"{\"a\""}"#,
                #""index":0,"id":null,"function":{"name":null,"arguments":":1}"}"#
            ),
            expecting(one)
        )
        ProviderShape.streamed(
            "SGLang",
            "an index that grows with each piece of one call",
            deltas(
                #""index":0,\#(id),"function":{"name":"weather","arguments":""}"#,
                #""index":1,"function":{"arguments":"{\"a\""}"#,
                #""index":2,"function":{"arguments":":1}"}"#
            ),
            expecting(one)
        )
        ProviderShape.streamed(
            "xAI",
            "an index that grows, and the id in each piece",
            deltas(
                #""index":0,\#(id),"function":{"name":"weather","arguments":"{\"a\""}"#,
                #""index":1,\#(id),"function":{"arguments":":1}"}"#
            ),
            expecting(one)
        )
        ProviderShape.streamed(
            "Fireworks",
            "the id and the name in each piece",
            deltas(
                #""index":0,\#(id),"function":{"name":"weather","arguments":"{\"a\""}"#,
                #""index":0,\#(id),"function":{"name":"weather","arguments":":1}"}"#
            ),
            expecting(one)
        )
        ProviderShape.streamed(
            "GLM",
            "the whole call once more at the end",
            deltas(#""index":0,\#(id),\#(weather)"#, #""index":0,\#(id),\#(weather)"#),
            expecting(one)
        )
        ProviderShape.streamed(
            "LM Studio",
            "an id that comes late",
            deltas(
                #""index":0,"function":{"name":"weather","arguments":""}"#,
                #""index":0,\#(id),"function":{"arguments":"{\"a\":1}"}"#
            ),
            expecting(one)
        )
        ProviderShape.streamed(
            "Hunyuan",
            "a name that comes late",
            deltas(
                #""index":0,\#(id),"function":{"name":"","arguments":""}"#,
                #""index":0,"function":{"name":"weather","arguments":"{\"a\":1}"}"#
            ),
            expecting(one)
        )
        ProviderShape.plain(
            "Xinference",
            "two calls of one id",
            message(#""tool_calls":[{\#(id),\#(weather)},{\#(id),\#(time)}]"#),
            expecting(both, strict: "malformed_answer")
        )
        ProviderShape.streamed(
            "Xinference",
            "two calls of one id in a stream",
            deltas(#""index":0,\#(id),\#(weather)"#, #""index":1,\#(id),\#(time)"#),
            expecting(both, strict: "malformed_answer")
        )
        ProviderShape.plain(
            "llama-cpp-python",
            "no ids",
            message(#""tool_calls":[{\#(weather)},{\#(time)}]"#),
            expecting(both)
        )
        ProviderShape.streamed("MLX", "ids that are numbers", deltas(#""index":0,"id":7,\#(weather)"#), expecting(one))
        ProviderShape.streamed(
            "Kimi",
            "arguments that are empty",
            deltas(#""index":0,\#(id),"function":{"name":"time","arguments":""}"#)
        ) {
            ($0.text, $0.calls) = ("", ["time {}"])
            $0.strictCalls = ["time "]
        }
        ProviderShape.plain(
            "Gemini",
            "arguments that are absent",
            as: .gemini,
            message(#""tool_calls":[{\#(id),"function":{"name":"time"}}]"#)
        ) {
            ($0.text, $0.calls) = ("", ["time {}"])
            $0.strictCalls = ["time "]
        }
        ProviderShape.plain(
            "Llama Stack",
            "arguments that are called parameters",
            message(#""tool_calls":[{\#(id),"function":{"name":"weather","parameters":{"a":1}}}]"#)
        ) {
            ($0.text, $0.calls) = ("", one)
            $0.strictCalls = ["weather "]
        }
        ProviderShape.streamed(
            "LiteLLM",
            "arguments that begin with an empty object, and white space behind whole ones",
            deltas(
                #""index":0,\#(id),"function":{"name":"time","arguments":"{}"}"#,
                #""index":0,"function":{"arguments":" "}"#
            )
        ) {
            ($0.text, $0.calls) = ("", ["time {} "])
        }
        ProviderShape.plain(
            "Mistral",
            "arguments that are null",
            as: .mistral,
            message(#""tool_calls":[{\#(id),"function":{"name":"time","arguments":null}}]"#)
        ) {
            ($0.text, $0.calls) = ("", ["time {}"])
            $0.strictCalls = ["time "]
        }
        ProviderShape.plain(
            "Ollama",
            "arguments that are an object",
            as: .ollama,
            message(#""tool_calls":[{\#(id),"function":{"name":"weather","arguments":{"a":1}}}]"#),
            expecting(one)
        )
        ProviderShape.plain(
            "Groq",
            "an empty type",
            message(#""tool_calls":[{\#(id),"type":"",\#(weather)}]"#),
            expecting(one)
        )
        ProviderShape.plain(
            "Moonshot",
            "a type of its own",
            message(#""tool_calls":[{\#(id),"type":"builtin_function",\#(weather)}]"#)
        ) {
            ($0.text, $0.calls, $0.strict) = ("", one, "malformed_answer")
            $0.sent = [
                Sent(profile: .lenient, text: #""type":"builtin_function""#),
                Sent(profile: .openAI, text: "builtin", isThere: false),
            ]
        }
        ProviderShape.plain(
            "OpenAI",
            "a call of a custom tool",
            as: .openAI,
            message(#""tool_calls":[{\#(id),"type":"custom","custom":{"name":"time","input":"{}"}}]"#),
            expecting(["time {}"], strict: "malformed_answer")
        )
        ProviderShape.plain(
            "Cohere",
            "a call without a function around it",
            message(#""tool_calls":[{\#(id),"name":"weather","arguments":"{\"a\":1}"}]"#),
            expecting(one)
        )
        ProviderShape.plain(
            "DashScope",
            "one call that is no list",
            message(#""tool_calls":{\#(id),\#(weather)}"#),
            expecting(one, strict: "malformed_answer")
        )
        ProviderShape.plain(
            "GPT4All",
            "the older function_call",
            message(#""function_call":{"name":"weather","arguments":"{\"a\":1}"}"#)
        ) {
            ($0.text, $0.calls, $0.strictCalls, $0.finishReason) = ("", one, [], .toolCalls)
        }
        ProviderShape.streamed(
            "LocalAI",
            "the older function_call in a stream",
            events(
                chunk(#""function_call":{"name":"weather","arguments":""}"#),
                chunk(#""function_call":{"arguments":"{\"a\""}"#),
                chunk(#""function_call":{"arguments":":1}"}"#),
                endChunk("function_call")
            )
        ) { ($0.text, $0.calls, $0.strict) = ("", one, "unknown_finish_reason") }
        ProviderShape.streamed(
            "GLM",
            "a call without a name and arguments",
            events(
                textChunk("Hello"),
                callChunk(#""index":0,"id":"","function":{"name":"","arguments":""}"#),
                endChunk()
            )
        ) {
            $0.strict = "malformed_answer"
        }
        ProviderShape.streamed(
            "Llama Stack",
            "arguments without a name",
            deltas(#""index":0,\#(id),"function":{"arguments":"{}"}"#),
            expecting(["unknown_tool {}"], strict: "malformed_answer")
        )
        ProviderShape.streamed(
            "Qwen",
            "a surrogate pair in two pieces of arguments",
            deltas(
                #""index":0,\#(id),"function":{"name":"weather","arguments":"{\"a\":\"\ud83d"}"#,
                #""index":0,"function":{"arguments":"\ude00\"}"}"#
            ),
            expecting([#"weather {"a":"😀"}"#], strict: "malformed_answer")
        )
    }
}
