import Stateline
import StatelineDialects

extension ProviderShape {
    private static let plainHello = whole(#""content":"Hello""#)
    private static let hello = events(textChunk("Hel"), textChunk("lo"), endChunk())
    private static let choice = #"{"index":0,"message":{"content":"Hello"},"finish_reason":"stop"}"#

    /// The ways in which answers come over the wire.
    static let wire = list {
        ProviderShape.streamed("Ollama", "a whole answer in place of a stream", as: .ollama, plainHello)
        ProviderShape.streamed(
            "LocalAI",
            "a whole answer in place of a stream, and an open connection",
            plainHello,
            ending: .open
        )
        ProviderShape.streamed(
            "Xinference",
            "a whole answer with spaces in place of a stream",
            "\n" + plainHello + "\n"
        )
        ProviderShape.plain("new-api", "a stream in place of a whole answer", hello)
        ProviderShape.plain(
            "one-api",
            "a stream that begins with a comment in place of a whole answer",
            ": on\n\n" + hello
        )
        ProviderShape.streamed(
            "Ollama",
            "chunks of one line each, without events",
            as: .ollama,
            [textChunk("Hello"), endChunk()].joined(separator: "\n")
        ) {
            $0.strict = "truncated_answer"
        }
        ProviderShape.streamed("nginx", "a byte order mark and empty lines before the events", "\u{feff}\n\n" + hello)
        ProviderShape.plain("nginx", "a byte order mark before the object", "\u{feff}" + plainHello)
        ProviderShape.plain("DeepSeek", "empty lines while the caller waits", as: .deepSeek, "\n\n\r\n\n" + plainHello)
        ProviderShape.streamed(
            "DeepSeek",
            "comments while the caller waits",
            as: .deepSeek,
            ": keep-alive\n\n: keep-alive\n\n" + hello
        )
        ProviderShape.streamed(
            "OpenRouter",
            "comments between chunks",
            as: .openRouter,
            hello.replacing("\n\n", with: "\n\n: OPENROUTER PROCESSING\n\n")
        )
        ProviderShape.streamed("Anthropic", "pings with a name", "event: ping\ndata: {\"type\":\"ping\"}\n\n" + hello) {
            $0.strict = "malformed_answer"
        }
        ProviderShape.streamed(
            "Azure",
            "a chunk of filter results without choices",
            as: .azure,
            open(#"{"choices":[],"prompt_filter_results":[{"x":1}]}"#) + hello
        )
        ProviderShape.streamed(
            "Cloudflare",
            "null and an empty list as heartbeats",
            open("null", textChunk("Hel"), "[]", textChunk("lo"), "null") + events(endChunk())
        ) {
            $0.strict = "malformed_answer"
        }
        ProviderShape.streamed(
            "FastChat",
            "a space behind the end mark, and no finish reason",
            open(textChunk("Hel"), textChunk("lo")) + "data: [DONE] \n\n"
        ) {
            $0.strict = "truncated_answer"
        }
        ProviderShape.streamed(
            "new-api",
            "members that say that there is no error",
            events(
                chunk(#""content":"Hel""#, rest: #","error":false"#),
                chunk(#""content":"l""#, rest: #","error":0"#),
                chunk(#""content":"o""#, rest: #","error":{"code":0,"message":"","param":null}"#),
                endChunk()
            )
        )
        ProviderShape.streamed(
            "SGLang",
            "choices null as a heartbeat",
            open(#"{"choices":null}"#, #"{"object":"chat.completion.chunk"}"#) + hello
        ) {
            $0.strict = "malformed_answer"
        }
        ProviderShape.streamed("MLX", "lines that end in CR and LF", hello.replacing("\n", with: "\r\n"))
        ProviderShape.streamed("Baichuan", "no space behind the field's name", hello.replacing("data: ", with: "data:"))
        ProviderShape.streamed("Cloudflare", "empty data", "data:\n\ndata: \n\n" + hello)
        ProviderShape.plain(
            "llama.cpp",
            "a log probability of minus infinity",
            as: .llamaCpp,
            whole(#""content":"Hello""#, rest: #","x":1"#)
                .replacing(
                    #""finish"#,
                    with: #""logprobs":{"content":[{"token":"a","logprob":-Infinity}]},"finish"#
                )
        ) { $0.strict = "malformed_answer" }
        ProviderShape.streamed(
            "vLLM",
            "log probabilities that are no numbers",
            as: .vLLM,
            hello.replacing(
                #""finish"#,
                with: #""logprobs":{"content":[{"logprob":NaN},{"logprob":Infinity}]},"finish"#
            )
        ) { $0.strict = "malformed_answer" }
        ProviderShape.plain(
            "TGI",
            "two members of one name in what is not read",
            plainHello.replacing(#""finish"#, with: #""logprobs":{"a":1,"a":2},"finish"#)
        ) { $0.strict = "duplicate_key" }
        ProviderShape.plain(
            "Together",
            "a second choice",
            #"{"choices":[\#(choice),{"index":1,"message":{"content":7}}]}"#
        ) {
            $0.strict = "choice_count"
        }
        ProviderShape.plain(
            "Together",
            "the second choice first",
            #"{"choices":[{"index":1,"message":{"content":"x"}},\#(choice)]}"#
        ) {
            $0.strict = "choice_count"
        }
        ProviderShape.streamed(
            "Together",
            "chunks of a second choice",
            open(textChunk("Hel"), textChunk("no").replacing(#""index":0"#, with: #""index":1"#), textChunk("lo"))
                + events(endChunk("length").replacing(#""index":0"#, with: #""index":1"#), endChunk())
        ) { $0.strict = "choice_count" }
        ProviderShape.streamed(
            "Perplexity",
            "the whole message beside each delta",
            events(
                #"{"choices":[{"delta":{"content":"Hel"},"message":{"content":"Hel"}}]}"#,
                #"{"choices":[{"delta":{"content":"lo"},"message":{"content":"Hello"},"finish_reason":"stop"}]}"#
            )
        )
        ProviderShape.streamed(
            "Perplexity",
            "the whole message behind the deltas",
            events(
                textChunk("Hel"),
                textChunk("lo"),
                #"{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}"#
            )
        )
        ProviderShape.streamed(
            "gateway",
            "messages in the place of deltas",
            events(
                #"{"choices":[{"message":{"content":"Hel"},"finish_reason":null}]}"#,
                #"{"choices":[{"message":{"content":"lo"},"finish_reason":null}]}"#,
                #"{"choices":[{"message":{"content":""},"finish_reason":"stop"}]}"#
            )
        ) { $0.strict = "truncated_answer" }
        ProviderShape.streamed(
            "gateway",
            "a message without a reason, and an open connection",
            #"data: {"choices":[{"message":{"content":"Hello"},"finish_reason":null}]}"# + "\n\n",
            ending: .open
        ) { $0.strict = "truncated_answer" }
        ProviderShape.streamed(
            "Perplexity",
            "the whole message beside an empty delta",
            events(
                chunk(#""role":"assistant","content":"""#),
                #"{"choices":[{"delta":{},"message":{"content":"Hello"},"finish_reason":"stop"}]}"#
            )
        )
        ProviderShape.streamed(
            "Open WebUI",
            "the whole message behind deltas of reasoning",
            events(
                chunk(#""reasoning_content":"Hm.""#),
                #"{"choices":[{"message":{"content":"Hello","reasoning_content":"Hm."},"finish_reason":"stop"}]}"#
            )
        ) { $0.reasoning = "Hm." }
        ProviderShape.streamed(
            "KoboldCpp",
            "the text in the choice itself",
            events(
                #"{"choices":[{"index":0,"text":"Hel","finish_reason":null}]}"#,
                #"{"choices":[{"index":0,"text":"lo","finish_reason":"stop"}]}"#
            )
        ) { $0.strict = "malformed_answer" }
        ProviderShape.plain(
            "KoboldCpp",
            "the text in the choice itself",
            #"{"choices":[{"index":0,"text":"Hello","finish_reason":"stop"}]}"#
        ) { $0.strict = "malformed_answer" }
        ProviderShape.streamed(
            "Together",
            "each text in the choice and in its delta",
            hello.replacing(#""finish"#, with: #""text":"x","finish"#)
        )
        ProviderShape.streamed(
            "MiniMax",
            "a member of one value in each delta",
            hello.replacing(#""content""#, with: #""name":"MM Assistant","audio_content":"","content""#)
        ) {
            $0.sent = [
                Sent(profile: .lenient, text: #""name":"MM Assistant""#),
                Sent(profile: .strict, text: "MM Assistant", isThere: false),
            ]
        }
        ProviderShape.streamed(
            "Moonshot",
            "usage in the choice",
            hello.replacing(
                #""finish_reason":"stop""#,
                with: #""finish_reason":"stop","usage":{"prompt_tokens":1,"completion_tokens":1}"#
            )
        )
        ProviderShape.streamed(
            "Groq",
            "usage in a member of its own",
            hello.replacing(
                #","choices":[{"index":0,"delta":{}"#,
                with: #","x_groq":{"usage":{"prompt_tokens":1,"completion_tokens":1}},"choices":[{"index":0,"delta":{}"#
            )
        )
    }
}
