import Stateline
import StatelineDialects

extension ProviderShape {
    /// The forms of content.
    static let contents = list {
        ProviderShape.plain("OpenAI", "null without calls", as: .openAI, whole(#""content":null"#)) { $0.text = "" }
        ProviderShape.streamed("OpenAI", "a refusal", as: .openAI, events(chunk(#""refusal":"I cannot""#), endChunk()))
        { $0.text = "" }
        ProviderShape.plain(
            "Mistral",
            "a list with thinking",
            as: .mistral,
            whole(
                #""content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"Hello"}]"#
            )
        ) { ($0.reasoning, $0.strict) = ("hm", "malformed_answer") }
        ProviderShape.streamed(
            "Mistral",
            "lists with thinking, then strings",
            as: .mistral,
            events(
                chunk(#""content":[{"type":"thinking","thinking":[{"type":"text","text":"h"}]}]"#),
                chunk(#""content":[{"type":"thinking","thinking":[{"type":"text","text":"m"}]}]"#),
                chunk(#""content":[{"type":"text","text":"Hel"}]"#),
                textChunk("lo"),
                endChunk()
            )
        ) { ($0.reasoning, $0.strict) = ("hm", "malformed_answer") }
        ProviderShape.plain(
            "Databricks",
            "a list with reasoning",
            whole(
                #""content":[{"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}]},{"type":"text","text":"Hello"}]"#
            )
        ) { ($0.reasoning, $0.strict) = ("hm", "malformed_answer") }
        ProviderShape.streamed(
            "Cohere",
            "lists of texts",
            events(chunk(#""content":[{"type":"text","text":"Hel"},{"type":"text","text":"lo"}]"#), endChunk())
        )
        ProviderShape.streamed(
            "watsonx",
            "one part that is no list",
            events(chunk(#""content":{"type":"text","text":"Hello"}"#), endChunk())
        ) {
            $0.strict = "malformed_answer"
        }
        ProviderShape.plain(
            "Mistral",
            "a reference between texts",
            as: .mistral,
            whole(
                #""content":[{"type":"text","text":"Hel"},{"type":"reference","reference_ids":[1]},{"type":"text","text":"lo"}]"#
            )
        ) {
            $0.strict = "malformed_answer"
            $0.sent = [
                Sent(
                    profile: .lenient,
                    text: #"[{"type":"text","text":"Hel"},{"type":"reference","reference_ids":[1]},"#
                ),
                Sent(profile: .mistral, text: "reference", isThere: false),
            ]
        }
        ProviderShape.streamed(
            "Gemini",
            "an unknown part in a stream",
            as: .gemini,
            events(
                textChunk("Hel"),
                chunk(#""content":[{"type":"executable_code","code":"1"}]"#),
                textChunk("lo"),
                endChunk()
            )
        ) {
            $0.strict = "malformed_answer"
            $0.sent = [
                Sent(profile: .gemini, text: #"{"type":"executable_code","code":"1"},{"type":"text","text":"lo"}]"#)
            ]
        }
        ProviderShape.plain("LM Studio", "an object in place of JSON text", whole(#""content":{"a":[1, 2]}"#)) {
            ($0.text, $0.strict) = (#"{"a":[1, 2]}"#, "malformed_answer")
        }
        ProviderShape.streamed(
            "Qwen",
            "a surrogate pair in two chunks",
            events(
                chunk(#""content":"a\ud83d""#),
                chunk(#""content":"""#),
                chunk(#""content":"\ude00b""#),
                endChunk()
            )
        ) { ($0.text, $0.strict) = ("a😀b", "malformed_answer") }
        ProviderShape.streamed(
            "Qwen",
            "a surrogate pair whose second half never comes",
            events(
                chunk(#""content":"Hello\ud83d""#),
                endChunk()
            )
        ) { $0.strict = "malformed_answer" }
        ProviderShape.plain(
            "OpenAI",
            "members that an ordinary answer lacks",
            as: .openAI,
            whole(
                #""content":"Hello","annotations":[{"type":"url_citation"}]"#
            )
        ) {
            $0.sent = [
                Sent(profile: .lenient, text: "url_citation"),
                Sent(profile: .openAI, text: "annotations", isThere: false),
            ]
        }
    }

    /// The forms of reasoning.
    static let reasonings = list {
        ProviderShape.streamed(
            "DeepSeek",
            "reasoning_content",
            as: .deepSeek,
            events(
                chunk(#""content":null,"reasoning_content":"h""#),
                chunk(#""content":null,"reasoning_content":"m""#),
                chunk(#""content":"Hello","reasoning_content":null"#),
                endChunk()
            )
        ) {
            $0.reasoning = "hm"
            $0.sent = [Sent(profile: .deepSeek, text: "reasoning_content", isThere: false)]
        }
        ProviderShape.streamed(
            "vLLM",
            "reasoning",
            as: .vLLM,
            events(chunk(#""reasoning":"hm""#), textChunk("Hello"), endChunk())
        ) {
            $0.reasoning = "hm"
        }
        ProviderShape.plain(
            "Ollama",
            "reasoning in a whole answer",
            as: .ollama,
            whole(#""content":"Hello","reasoning":"hm""#)
        ) {
            $0.reasoning = "hm"
        }
        ProviderShape.plain(
            "vLLM",
            "the same reasoning in two members",
            as: .vLLM,
            whole(
                #""reasoning":"hm","content":"Hello","reasoning_content":"hm""#
            )
        ) { $0.reasoning = "hm" }
        ProviderShape.streamed(
            "OpenRouter",
            "reasoning_details with a signature, and their text",
            as: .openRouter,
            events(
                chunk(
                    #""content":"","reasoning":"h","reasoning_details":[{"type":"reasoning.text","text":"h","index":0,"format":"f"}]"#
                ),
                chunk(
                    #""content":"","reasoning":"m","reasoning_details":[{"type":"reasoning.text","text":"m","index":0,"format":"f"}]"#
                ),
                chunk(#""content":"","reasoning_details":[{"type":"reasoning.text","signature":"s+/=","index":0}]"#),
                textChunk("Hello"),
                endChunk()
            )
        ) {
            $0.reasoning = "hm"
            $0.sent = [
                Sent(profile: .openRouter, text: #""signature":"s+/=","text":"hm"}]"#),
                Sent(profile: .openRouter, text: #""reasoning":"hm""#),
                Sent(profile: .strict, text: "reasoning", isThere: false),
            ]
        }
        ProviderShape.streamed(
            "OpenRouter",
            "reasoning_details alone",
            as: .openRouter,
            events(
                chunk(#""reasoning_details":[{"type":"reasoning.summary","summary":"h"}]"#),
                chunk(
                    #""reasoning_details":[{"type":"reasoning.summary","summary":"m"},{"type":"reasoning.encrypted","data":"x"}]"#
                ),
                textChunk("Hello"),
                endChunk()
            )
        ) {
            $0.reasoning = "hm"
            $0.sent = [
                Sent(
                    profile: .openRouter,
                    text: #"[{"type":"reasoning.summary","summary":"hm"},{"type":"reasoning.encrypted","data":"x"}]"#
                )
            ]
        }
        ProviderShape.streamed("GLM", "thinking", events(chunk(#""thinking":"hm""#), textChunk("Hello"), endChunk())) {
            $0.reasoning = "hm"
        }
        ProviderShape.plain(
            "vLLM",
            "reasoning up to the limit of tokens",
            as: .vLLM,
            whole(
                #""content":null,"reasoning_content":"hm""#,
                finish: #","finish_reason":"length""#
            )
        ) { ($0.text, $0.reasoning, $0.finishReason) = ("", "hm", .length) }
    }
}
