/// The words in which providers say why a call failed: codes, types, and phrases of their messages.
///
/// Statuses alone do not tell. The same 400 and the same 429 stand for failures that demand different things of a
/// caller.
struct FailureWords {
    /// The code and the type, in lower case and without separators.
    private let codes: [String]
    /// The message in lower case.
    private let text: String

    /// Takes the words of an account.
    ///
    /// - Parameters:
    ///   - text: The message, of any length.
    ///   - codes: The code, then the type.
    init(_ text: String, codes: [String?]) {
        self.text = text.lowercased()
        self.codes = codes.compactMap { $0.map(Self.normal) }
    }

    /// The HTTP status that the code or the type stands for; `nil` if neither is known.
    var status: Int? { codes.lazy.compactMap { Self.statuses[$0] }.first }

    /// `true` if the request was longer than the model's context.
    var isContext: Bool { has(Self.contextCodes, Self.contextPhrases) }

    /// `true` if the account has used up its quota.
    var isQuota: Bool { has(Self.quotaCodes, []) }

    /// `true` if the account has to be paid for.
    var isPayment: Bool { has(Self.paymentCodes, Self.paymentPhrases) }

    /// `true` if a filter refused the request's content.
    var isFilter: Bool { has(Self.filterCodes, Self.filterPhrases) }

    /// `true` if the provider has more calls than it can serve.
    var isOverload: Bool { codes.contains { $0.contains("overloaded") } }

    private func has(_ words: Set<String>, _ phrases: [String]) -> Bool {
        codes.contains(where: words.contains) || phrases.contains { text.contains($0) }
    }

    /// Returns a code without separators: `RESOURCE_EXHAUSTED` and `ResourceExhausted` are one.
    private static func normal(_ code: String) -> String {
        String(code.lowercased().filter { !"_-. ".contains($0) })
    }

    /// The statuses of codes and types, which are in lower case and without separators.
    ///
    /// Source: the API references of OpenAI, Anthropic, Google (google.rpc.Code), Amazon Bedrock and vLLM.
    private static let statuses: [String: Int] = [
        "invalidrequesterror": 400, "badrequesterror": 400, "invalidargument": 400, "failedprecondition": 400,
        "validationexception": 400, "validation": 400, "outofrange": 400,
        "authenticationerror": 401, "unauthenticated": 401, "invalidapikey": 401, "unrecognizedclientexception": 401,
        "billingerror": 402, "insufficientbalance": 402, "insufficientcredits": 402, "paymentrequired": 402,
        "permissionerror": 403, "permissiondenied": 403, "accessdeniedexception": 403,
        "notfounderror": 404, "notfound": 404, "modelnotfound": 404, "resourcenotfoundexception": 404,
        "requesttimeout": 408, "modeltimeoutexception": 408,
        "requesttoolarge": 413,
        "ratelimiterror": 429, "ratelimitexceeded": 429, "resourceexhausted": 429, "throttlingexception": 429,
        "throttlingerror": 429, "toomanyrequests": 429, "toomanyrequestsexception": 429, "insufficientquota": 429,
        "modelnotreadyexception": 429, "servicequotaexceededexception": 429, "exceededcurrentquotaerror": 429,
        "servererror": 500, "internalservererror": 500, "internalerror": 500, "internal": 500, "apierror": 500,
        "internalserverexception": 500, "modelerrorexception": 500, "modelstreamerrorexception": 500,
        "badgateway": 502, "providererror": 502, "upstreamerror": 502,
        "unavailable": 503, "serviceunavailable": 503, "serviceunavailableexception": 503, "engineoverloaded": 503,
        "unavailableerror": 503, "deadlineexceeded": 504, "timeouterror": 504, "timeout": 504,
        "overloadederror": 529, "overloaded": 529, "engineoverloadederror": 529,
    ]

    /// Codes and types of a request that is too long.
    private static let contextCodes: Set<String> = [
        "contextlengthexceeded", "exceedcontextsizeerror", "contextwindowexceeded", "requesttoolarge",
        "tokenslimitreached", "stringabovemaxlength", "promptistoolong", "modelcontextwindowexceeded",
    ]
    /// Phrases of messages, in lower case, about a request that is too long.
    private static let contextPhrases = [
        // OpenAI, Azure, vLLM, Mistral, DeepSeek, OpenRouter, Fireworks; Responses; llama.cpp.
        "context length", "context window", "context size", "maximum model length",
        // Anthropic.
        "prompt is too long", "exceed context limit",
        // Google.
        "input token count",
        // xAI.
        "maximum prompt length",
        // Amazon Bedrock.
        "input is too long", "too many input tokens", "too many total text bytes",
        // TGI and Together.
        "`inputs` tokens", "`inputs` must have less than",
        // SGLang.
        "exceeds the maximum allowed length", "longer than the model's context",
        // Cohere.
        "too many tokens",
        // Perplexity.
        "length of all messages is too long",
        // Groq, Cerebras.
        "reduce the length of the messages", "reduce your message size",
    ]

    /// Codes and types of an account that has used up its quota.
    private static let quotaCodes: Set<String> = [
        "insufficientquota", "quotaexceeded", "exceededcurrentquotaerror", "billinghardlimitreached",
        "servicequotaexceededexception",
    ]
    /// Codes and types of an account that has to be paid for.
    private static let paymentCodes: Set<String> = [
        "billingerror", "insufficientbalance", "insufficientcredits", "paymentrequired", "billingnotactive", "402",
    ]
    /// Phrases about an account that has to be paid for.
    private static let paymentPhrases = [
        "credit balance is too low", "insufficient balance", "insufficient credits", "insufficient funds",
        "monthly spending limit", "doesn't have any credits", "requires more credits",
    ]
    /// Codes and types of a filter.
    private static let filterCodes: Set<String> = [
        "contentfilter", "contentpolicyviolation", "responsibleaipolicyviolation", "moderationblocked",
        "datainspectionfailed", "contentfiltererror", "safety", "prohibitedcontent",
    ]
    /// Phrases about a filter.
    private static let filterPhrases = [
        "content management policy", "content exists risk", "content filtering policy", "flagged by moderation",
        "requires moderation",
    ]
}
