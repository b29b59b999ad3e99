import Stateline
import StatelineDialects

extension ProviderShape {
    private static let hello = open(textChunk("Hel"), textChunk("lo"))

    private static func failing(
        _ code: String,
        _ words: String = "",
        kept: String? = nil,
        strict: String? = nil
    ) -> (inout ProviderShape) -> Void {
        { ($0.failure, $0.strict) = (Failure(code: code, words: words, kept: kept), strict) }
    }

    /// Answers that are errors, before and after some text.
    static let failures = list {
        ProviderShape.streamed(
            "Anthropic",
            "an event error with a bare message",
            "event: error\ndata: out of memory\n\n",
            failing("stream_failed", "out of memory")
        )
        ProviderShape.streamed(
            "TGI",
            "an event error after some text",
            hello + "event: error\ndata: out of memory\n\n",
            failing("stream_failed", "out of memory", kept: "Hello")
        )
        ProviderShape.streamed(
            "OpenRouter",
            "an error and the reason error in a chunk",
            as: .openRouter,
            hello
                + open(
                    #"{"error":{"code":502,"message":"upstream"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}"#
                ),
            failing("server_error", "upstream", kept: "Hello")
        )
        ProviderShape.plain(
            "OpenRouter",
            "an error with the status 200",
            as: .openRouter,
            #"{"error":{"code":429,"message":"slow down"}}"#,
            failing("rate_limited", "slow down")
        )
        ProviderShape.plain(
            "OpenRouter",
            "an error in the choice",
            as: .openRouter,
            #"{"choices":[{"index":0,"message":{"content":"Hello"},"finish_reason":"error","error":{"code":502,"message":"upstream"}}]}"#,
            failing("server_error", "upstream", kept: "Hello")
        )
        ProviderShape.plain(
            "Gemini",
            "a list of errors",
            as: .gemini,
            #"[{"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}]"#,
            failing("server_error", "overloaded")
        )
        ProviderShape.streamed(
            "vLLM",
            "an older error object after some text",
            as: .vLLM,
            hello + open(#"{"object":"error","message":"too bad","type":"BadRequestError","code":400}"#),
            failing("invalid_request", "too bad", kept: "Hello")
        )
        ProviderShape.plain(
            "vLLM",
            "an older error object",
            as: .vLLM,
            #"{"object":"error","message":"too bad","code":400}"#,
            failing("invalid_request", "too bad")
        )
        ProviderShape.streamed(
            "llama.cpp",
            "a field error",
            as: .llamaCpp,
            hello + "error: {\"code\":500,\"message\":\"slot\"}\n\n",
            failing("server_error", "slot", kept: "Hello")
        )
        ProviderShape.streamed(
            "LM Studio",
            "an error that is a text",
            hello + open(#"{"error":"crashed"}"#),
            failing("stream_failed", "crashed", kept: "Hello")
        )
        ProviderShape.streamed(
            "Zhipu",
            "words without choices, then the end mark",
            events(#"{"code":"1305","message":"busy"}"#),
            failing("stream_failed", "busy", strict: "malformed_answer")
        )
        ProviderShape.streamed(
            "any",
            "the end of the body after some text",
            hello,
            failing("truncated_answer", kept: "Hello")
        )
        ProviderShape.streamed(
            "any",
            "a reset after some text",
            hello,
            ending: .reset,
            failing("truncated_answer", kept: "Hello")
        )
        ProviderShape.streamed(
            "any",
            "silence after some text",
            hello,
            ending: .open,
            failing("timeout_idle", kept: "Hello")
        )
        ProviderShape.streamed(
            "any",
            "a malformed chunk after some text",
            hello + "data: {]\n\n",
            failing("malformed_answer", kept: "Hello")
        )
        ProviderShape.streamed(
            "any",
            "a call that broke off after some text",
            hello + open(callChunk(#""index":0,"id":"a","function":{"name":"time","arguments":"{"}"#)),
            failing("truncated_answer", kept: "Hello")
        )
        ProviderShape.streamed("any", "the end mark alone", events(), failing("choice_count"))
        ProviderShape.plain("any", "no choice", #"{"choices":[]}"#, failing("choice_count"))
        ProviderShape.plain(
            "any",
            "half an object",
            String(whole(#""content":"Hello""#).dropLast(9)),
            failing("truncated_answer")
        )
    }
}
