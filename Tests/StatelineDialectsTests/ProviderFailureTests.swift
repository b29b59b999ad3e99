import NIOCore
import Stateline
import Testing

@testable import StatelineDialects

/// Errors in the words of the servers that send them.
@Suite struct ProviderFailureTests {
    /// An error of one server, and what it means.
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let status: Int
        let body: String
        let code: String
        let isRetryable: Bool
        var headers: [String: String] = [:]
        /// The provider's own code and type.
        var words: [String?]?
        var retryAfter: Duration?

        init(
            _ name: String,
            _ status: Int,
            _ body: String,
            _ code: String,
            retry isRetryable: Bool = false,
            after retryAfter: Duration? = nil,
            headers: [String: String] = [:],
            words: [String?]? = nil
        ) {
            self.testDescription = name
            self.status = status
            self.body = body
            self.code = code
            self.isRetryable = isRetryable
            self.retryAfter = retryAfter
            self.headers = headers
            self.words = words
        }
    }

    private static let context = "context_size_exceeded"

    static let contextRows: [Row] = [
        Row(
            "OpenAI, code",
            400,
            #"{"error":{"message":"too long","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#,
            context,
            words: ["context_length_exceeded", "invalid_request_error"]
        ),
        Row(
            "OpenAI Responses, words",
            400,
            #"{"error":{"message":"Your input exceeds the context window of this model.","code":null}}"#,
            context
        ),
        Row(
            "llama.cpp",
            400,
            #"{"error":{"code":400,"message":"the request exceeds the available context size, try increasing it","type":"exceed_context_size_error","n_prompt_tokens":900,"n_ctx":512}}"#,
            context,
            words: ["400", "exceed_context_size_error"]
        ),
        Row(
            "llama-cpp-python",
            500,
            #"{"error":{"message":"Requested tokens (600) exceed context window of 512","type":"internal_server_error","param":null,"code":null}}"#,
            context
        ),
        Row(
            "Anthropic",
            400,
            #"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"},"request_id":"req_1"}"#,
            context,
            words: [nil, "invalid_request_error"]
        ),
        Row(
            "Anthropic, with the answer",
            400,
            #"{"type":"error","error":{"type":"invalid_request_error","message":"input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"}}"#,
            context
        ),
        Row(
            "Anthropic, 413",
            413,
            #"{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}"#,
            context
        ),
        Row(
            "Gemini",
            400,
            #"[{"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}]"#,
            context,
            words: ["400", "INVALID_ARGUMENT"]
        ),
        Row(
            "xAI",
            400,
            #"{"code":"Client specified an invalid argument","error":"This model's maximum prompt length is 131072 but the request contains 537812 tokens."}"#,
            context
        ),
        Row(
            "Bedrock",
            400,
            #"{"message":"Input is too long for requested model."}"#,
            context,
            headers: ["x-amzn-ErrorType": "ValidationException"]
        ),
        Row(
            "TGI",
            422,
            #"{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 100 `max_new_tokens`","error_type":"validation"}"#,
            context,
            words: [nil, "validation"]
        ),
        Row(
            "SGLang",
            400,
            #"{"object":"error","message":"Input length (5000 tokens) exceeds the maximum allowed length (4096 tokens). Use a shorter input or enable --allow-auto-truncate.","type":"BadRequestError","param":null,"code":400}"#,
            context
        ),
        Row(
            "vLLM",
            400,
            #"{"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.","type":"BadRequestError","param":null,"code":400}"#,
            context,
            words: ["400", "BadRequestError"]
        ),
        Row(
            "vLLM, prompt",
            400,
            #"{"error":{"message":"The decoder prompt (length 5000) is longer than the maximum model length of 4096.","type":"BadRequestError","param":null,"code":400}}"#,
            context
        ),
        Row(
            "Cohere",
            400,
            #"{"message":"too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000. Try using a shorter prompt."}"#,
            context
        ),
        Row(
            "Mistral",
            400,
            #"{"object":"error","message":"Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length","type":"invalid_request_error","param":null,"code":"3051"}"#,
            context,
            words: ["3051", "invalid_request_error"]
        ),
        Row(
            "Groq, 413",
            413,
            #"{"error":{"message":"Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 8000, please reduce your message size and try again.","type":"tokens","code":"rate_limit_exceeded"}}"#,
            context
        ),
        Row("a proxy, 413", 413, "<html><h1>413 Request Entity Too Large</h1></html>", context),
        Row(
            "OpenRouter, a raw error",
            400,
            #"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"prompt is too long: 9 tokens > 8 maximum\"}}","provider_name":"Anthropic"}}}"#,
            context
        ),
    ]

    static let otherRows: [Row] = [
        Row(
            "OpenAI, rate",
            429,
            #"{"error":{"message":"Rate limit reached for m on requests per min (RPM)","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#,
            "rate_limited",
            retry: true,
            after: .milliseconds(1500),
            headers: ["Retry-After": "2", "Retry-After-Ms": "1500"],
            words: ["rate_limit_exceeded", "requests"]
        ),
        Row(
            "OpenAI, quota",
            429,
            #"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#,
            "quota_exceeded"
        ),
        Row(
            "Gemini, a minute's quota",
            429,
            #"[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.07s"}]}}]"#,
            "rate_limited",
            retry: true,
            after: .milliseconds(34_070),
            words: ["429", "RESOURCE_EXHAUSTED"]
        ),
        Row(
            "Gemini, a day's quota",
            429,
            #"[{"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}]}}]"#,
            "quota_exceeded"
        ),
        Row(
            "Moonshot, quota",
            429,
            #"{"error":{"type":"exceeded_current_quota_error","message":"Your account is suspended, please check your plan"}}"#,
            "quota_exceeded"
        ),
        Row(
            "Moonshot, overloaded",
            429,
            #"{"error":{"type":"engine_overloaded_error","message":"The engine is currently overloaded, please try again later"}}"#,
            "overloaded",
            retry: true
        ),
        Row(
            "DeepSeek, balance",
            402,
            #"{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}"#,
            "payment_required"
        ),
        Row(
            "Anthropic, balance",
            400,
            #"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}"#,
            "payment_required"
        ),
        Row(
            "OpenRouter, credits",
            402,
            #"{"error":{"message":"This request requires more credits, or fewer max_tokens.","code":402}}"#,
            "payment_required",
            words: ["402", nil]
        ),
        Row(
            "Azure, content filter",
            400,
            #"{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
            "content_filtered",
            words: ["content_filter", nil]
        ),
        Row(
            "DeepSeek, content filter",
            400,
            #"{"error":{"message":"Content Exists Risk","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}"#,
            "content_filtered"
        ),
        Row(
            "OpenRouter, moderation",
            403,
            #"{"error":{"message":"Your input was flagged by moderation","code":403,"metadata":{"reasons":["x"],"flagged_input":"y"}}}"#,
            "content_filtered"
        ),
        Row(
            "Anthropic, overloaded",
            529,
            #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            "overloaded",
            retry: true,
            words: [nil, "overloaded_error"]
        ),
        Row(
            "Gemini, overloaded",
            503,
            #"[{"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}]"#,
            "server_error",
            retry: true
        ),
        Row(
            "Bedrock, throttled",
            429,
            #"{"message":"Too many tokens, please wait before trying again.","__type":"ThrottlingException"}"#,
            "rate_limited",
            retry: true,
            words: [nil, "ThrottlingException"]
        ),
        Row("Cohere, key", 401, #"{"message":"invalid api token"}"#, "unauthorized"),
        Row(
            "vLLM, model",
            404,
            #"{"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","param":null,"code":404}"#,
            "not_found",
            words: ["404", "NotFoundError"]
        ),
        Row(
            "Azure, timeout",
            408,
            #"{"error":{"code":"Timeout","message":"The operation was timeout."}}"#,
            "server_error",
            retry: true
        ),
        Row("a lock, 409", 409, #"{"error":{"message":"lock timeout"}}"#, "invalid_request", retry: true),
        Row("TGI, busy", 429, #"{"error":"Model is overloaded","error_type":"overloaded"}"#, "overloaded", retry: true),
        Row("FastAPI", 422, #"{"detail":[{"loc":["body"],"msg":"field required"}]}"#, "invalid_request"),
        Row("Cloudflare", 524, "<html>A timeout occurred</html>", "server_error", retry: true),
        Row("no body", 500, "", "server_error", retry: true),
        Row("not built", 501, "no", "server_error"),
    ]

    @Test(arguments: contextRows + otherRows)
    func `a failure means what its server means by it`(row: Row) {
        let headers = row.headers.map { (name: $0.key, value: $0.value) }
        let body = ByteBuffer(string: row.body)
        let error = ChatCompletions().failure(status: row.status, headers: headers, body: body)
        #expect(error.code == row.code, "\(error)")
        #expect(error.isRetryable == row.isRetryable)
        #expect(error.retryAfter == row.retryAfter)
        let message = error.providerMessage
        if let words = row.words { #expect([message?.code, message?.type] == words) }
        #expect(message?.text.isEmpty == false && "\(error)".count < 600 && !"\(error)".contains("\n"))
    }

    /// The rows that nothing but their status, or a header, tells to be failures or of which kind.
    private static let wordless: Set<String> = [
        "a proxy, 413", "Cloudflare", "no body", "not built", "FastAPI", "a lock, 409", "Cohere, key", "Cohere",
        "Bedrock", "Bedrock, throttled", "Groq, 413",
    ]

    @Test(arguments: (contextRows + otherRows).filter { !wordless.contains($0.testDescription) })
    func `an error inside of an answer means the same, without a status`(row: Row) throws {
        let root = try JSONFragment(validating: ByteBuffer(string: row.body))
        let error = try #require(ProviderFailure(inAnswer: root, redacting: .none)).error
        #expect(error.code == row.code, "\(error)")
        #expect(error.isRetryable == row.isRetryable)
        if let words = row.words { #expect([error.providerMessage?.code, error.providerMessage?.type] == words) }
    }

    @Test(arguments: [
        (#"{"error":{"message":"a","code":503}}"#, "server_error", true),
        (#"{"error":{"message":"a","code":"429"}}"#, "rate_limited", true),
        (#"{"error":{"message":"a","type":"server_error"}}"#, "server_error", true),
        (#"{"error":{"message":"a","code":400}}"#, "invalid_request", false),
        (#"{"error":{"message":"a","type":"authentication_error"}}"#, "unauthorized", false),
        (#"{"error":{"message":"a"}}"#, "stream_failed", true),
        (#"{"error":"a"}"#, "stream_failed", true),
        (#"{"object":"error","message":"a","code":40003}"#, "stream_failed", true),
    ])
    func `an error inside of an answer is repeatable as its status would be`(
        body: String,
        code: String,
        isRetryable: Bool
    ) throws {
        let root = try JSONFragment(validating: ByteBuffer(string: body))
        let error = try #require(ProviderFailure(inAnswer: root, redacting: .none)).error
        #expect(error.code == code && error.isRetryable == isRetryable)
        #expect(error.providerMessage?.text == "a")
    }

    @Test(
        arguments: [
            (#"{"error":429,"message":"slow"}"#, "rate_limited", "slow"),
            (#"{"error":true,"message":"boom"}"#, "stream_failed", "boom"),
            (#"{"error":[{"message":"boom","code":503}]}"#, "server_error", "boom"),
            (#"{"errors":[{"message":"boom"}]}"#, "stream_failed", #"{"errors":[{"message":"boom"}]}"#),
            (#"{"base_resp":{"status_code":1004,"status_msg":"no"}}"#, "stream_failed", "1004"),
            (#"{"detail":[{"msg":"no such field"}]}"#, "stream_failed", "no such field"),
        ]
    )
    func `an account in place of an answer keeps the provider's words`(body: String, code: String, words: String) {
        var parser = ChatCompletions().makeParser(isStreamed: false)
        let error = #expect(throws: ModelError.self) {
            _ = try parser.append(ByteBuffer(string: body))
            _ = try parser.finish()
        }
        #expect(error?.code == code, "\(String(describing: error))")
        #expect(error?.providerMessage?.text.contains(words) == true, "\(String(describing: error))")
    }

    @Test(arguments: [
        #"{"choices":[]}"#, #"{"choices":[],"error":null}"#, #"{"error":""}"#, #"{"error":{}}"#, #"{"type":"ping"}"#,
        "1", "[]", #"{"object":"chat.completion.chunk"}"#,
    ])
    func `what tells of no failure is none`(body: String) throws {
        let root = try JSONFragment(validating: ByteBuffer(string: body))
        #expect(ProviderFailure(inAnswer: root, redacting: .none) == nil)
    }

    @Test func `a secret is in no text, code, type or name of a request, and all of them are bounded lines`() {
        let canary = "canary-0123456789"
        let dialect = ChatCompletions().redacting(Secrets(keys: [canary]))
        let long = String(repeating: "x", count: 1000)
        let body =
            #"{"error":{"message":"\#(canary)\n\u0007 \#(long)","code":"\#(canary)\n\#(long)","type":"\#(canary)\#(long)"}}"#
        let error = dialect.failure(status: 400, headers: [], body: ByteBuffer(string: body))
        let id = RequestID.find(in: [("X-Request-Id", "\(canary) \(long)")], redacting: Secrets(keys: [canary]))
        let texts = [error.providerMessage?.text, error.providerMessage?.code, error.providerMessage?.type, id]
        for text in texts {
            #expect(text?.contains("canary") == false && text?.contains("\n") == false)
            #expect(text.map { $0.count <= ProviderMessage.maximumLength + 1 } == true)
        }
    }

    @Test(
        arguments: [
            (["x-request-id": "a", "cf-ray": "b"], "a"), (["CF-Ray": "b"], "b"), (["Request-Id": "c"], "c"),
            (["x-amzn-RequestId": "d"], "d"), (["x-ms-request-id": "e", "apim-request-id": "f"], "f"),
            (["X-Request-ID": ""], nil), (["content-type": "x"], nil),
        ] as [([String: String], String?)]
    )
    func `the name of a request is found in the headers of each provider`(headers: [String: String], id: String?) {
        #expect(RequestID.find(in: headers.map { (name: $0.key, value: $0.value) }) == id)
    }
}
