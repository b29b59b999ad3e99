import Stateline
import StatelineDialects

extension ProviderShape {
    private static let usage =
        #"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"#
    private static let hello = [textChunk("Hel"), textChunk("lo")].map { "data: \($0)\n\n" }.joined()

    /// The ways in which answers end.
    static let endings = list {
        ProviderShape.streamed(
            "OpenAI",
            "a finish reason, usage and the end mark",
            as: .openAI,
            hello + events(endChunk(), usage)
        )
        ProviderShape.plain(
            "OpenAI",
            "a whole answer",
            as: .openAI,
            whole(#""content":"Hello","refusal":null,"annotations":[]"#)
        )
        ProviderShape.streamed("vLLM", "a finish reason and no end mark", as: .vLLM, hello + open(endChunk())) {
            $0.strict = "truncated_answer"
        }
        ProviderShape.streamed(
            "TGI",
            "a finish reason and a connection that stays open",
            hello + open(endChunk()),
            ending: .open
        ) {
            $0.strict = "timeout_idle"
        }
        ProviderShape.streamed("Groq", "a finish reason and a reset", hello + open(endChunk()), ending: .reset) {
            $0.strict = "truncated_answer"
        }
        ProviderShape.streamed(
            "Together",
            "the end mark and a connection that stays open",
            hello + events(endChunk()),
            ending: .open
        )
        ProviderShape.streamed("Fireworks", "the end mark and a reset", hello + events(endChunk()), ending: .reset)
        ProviderShape.streamed(
            "llama.cpp",
            "the end mark without its empty line",
            as: .llamaCpp,
            hello + open(endChunk()) + "data: [DONE]",
            ending: .open
        )
        ProviderShape.streamed("llamafile", "the last event without its empty line", hello + "data: \(endChunk())") {
            $0.strict = "truncated_answer"
        }
        ProviderShape.streamed(
            "KoboldCpp",
            "text in the last event without its empty line",
            open(textChunk("Hel")) + "data: \(chunk(#""content":"lo""#, finish: #""stop""#))\n"
        ) { $0.strict = "truncated_answer" }
        ProviderShape.streamed("LM Studio", "the end mark and no finish reason", hello + events()) {
            $0.strict = "truncated_answer"
        }
        ProviderShape.streamed(
            "KoboldCpp",
            "no member finish_reason",
            events(#"{"choices":[{"delta":{"content":"Hello"}}]}"#)
        ) {
            $0.strict = "truncated_answer"
        }
        ProviderShape.plain(
            "Ollama",
            "the finish reason null",
            as: .ollama,
            whole(#""content":"Hello""#, finish: #","finish_reason":null"#)
        ) { $0.strict = "malformed_answer" }
        ProviderShape.plain("MLX", "no finish reason", whole(#""content":"Hello""#, finish: "")) {
            $0.strict = "malformed_answer"
        }
        ProviderShape.streamed("TGI", "the reason eos_token", hello + events(endChunk("eos_token"))) {
            ($0.finishReason, $0.strict) = (.other("eos_token"), "unknown_finish_reason")
        }
        ProviderShape.plain(
            "text-generation-webui",
            "the reason eos",
            whole(#""content":"Hello""#, finish: #","finish_reason":"eos""#)
        ) {
            ($0.finishReason, $0.strict) = (.other("eos"), "unknown_finish_reason")
        }
        ProviderShape.streamed(
            "gateway",
            "a number as reason",
            hello + events(#"{"choices":[{"index":0,"delta":{},"finish_reason":2}]}"#)
        ) { ($0.finishReason, $0.strict) = (.other("2"), "unknown_finish_reason") }
        ProviderShape.streamed("Anthropic", "the reason end_turn", hello + events(endChunk("end_turn"))) {
            ($0.finishReason, $0.strict) = (.other("end_turn"), "unknown_finish_reason")
        }
        ProviderShape.plain(
            "Bedrock gateway",
            "the reason end_turn",
            whole(#""content":"Hello""#, finish: #","finish_reason":"end_turn""#)
        ) { ($0.finishReason, $0.strict) = (.other("end_turn"), "unknown_finish_reason") }
        ProviderShape.streamed("Gemini", "the reason STOP", as: .gemini, hello + events(endChunk("STOP"))) {
            ($0.finishReason, $0.strict) = (.other("STOP"), "unknown_finish_reason")
        }
        ProviderShape.streamed(
            "DashScope",
            "the word null in place of a reason, and a real one",
            events(
                chunk(#""content":"Hel""#, finish: #""null""#),
                chunk(#""content":"lo""#, finish: #""null""#),
                endChunk()
            )
        )
        ProviderShape.streamed("one-api", "an empty reason in the last chunk", hello + events(endChunk(""))) {
            ($0.finishReason, $0.strict) = (.other(""), "unknown_finish_reason")
        }
        ProviderShape.streamed(
            "new-api",
            "an empty reason in each chunk, and a real one",
            events(chunk(#""content":"Hel""#, finish: #""""#), chunk(#""content":"lo""#, finish: #""""#), endChunk())
        )
        ProviderShape.plain(
            "Xinference",
            "an empty reason",
            whole(#""content":"Hello""#, finish: #","finish_reason":"""#)
        ) {
            ($0.finishReason, $0.strict) = (.other(""), "unknown_finish_reason")
        }
        ProviderShape.plain(
            "LocalAI",
            "the reason function_call without a call",
            whole(#""content":"Hello""#, finish: #","finish_reason":"function_call""#)
        ) { ($0.finishReason, $0.strict) = (.other("function_call"), "unknown_finish_reason") }
        ProviderShape.streamed(
            "OpenRouter",
            "the reason error without an error",
            as: .openRouter,
            hello + events(endChunk("error"))
        ) {
            ($0.finishReason, $0.strict) = (.other("error"), "unknown_finish_reason")
        }
        ProviderShape.streamed("vLLM", "the limit of tokens", as: .vLLM, hello + events(endChunk("length"))) {
            $0.finishReason = .length
        }
        ProviderShape.streamed(
            "Azure",
            "a filter after some text",
            as: .azure,
            hello + events(endChunk("content_filter"))
        ) {
            $0.finishReason = .contentFilter
        }
        ProviderShape.plain(
            "SGLang",
            "members beside the reason",
            whole(#""content":"Hello""#, finish: #","logprobs":null,"finish_reason":"stop","matched_stop":151645"#)
        )
        ProviderShape.streamed(
            "Cerebras",
            "text behind the finish reason",
            hello.replacing("lo", with: "l") + events(endChunk(), textChunk("o"))
        )
        ProviderShape.streamed(
            "Moonshot",
            "a malformed chunk behind the finish reason",
            hello + open(endChunk()) + "data: {\"x\n\n"
        ) {
            $0.strict = "malformed_answer"
        }
        ProviderShape.streamed(
            "OpenRouter",
            "an error behind the finish reason",
            as: .openRouter,
            hello + open(endChunk(), #"{"error":{"message":"late","code":502}}"#)
        ) { $0.strict = "server_error" }
    }
}
