extension ServerProfile {
    /// A server of which nothing is known; the default.
    public static let lenient = ServerProfile()

    /// OpenAI.
    ///
    /// Its reasoning models demand `max_completion_tokens`, and it refuses members that it does not document.
    public static let openAI = ServerProfile(tokenLimitMember: .maxCompletionTokens, returnsUnknownMembers: false)

    /// Azure OpenAI, which is like OpenAI.
    public static let azure = openAI

    /// vLLM.
    ///
    /// Templates of reasoning models read the reasoning of earlier calls.
    public static let vLLM = ServerProfile(returnedReasoning: .withToolCalls, returnsUnknownMembers: false)

    /// The server of llama.cpp.
    ///
    /// Templates of reasoning models read the reasoning of earlier calls, and some concatenate content as a string.
    public static let llamaCpp = ServerProfile(
        returnedReasoning: .withToolCalls,
        returnsUnknownMembers: false,
        contentBesideCalls: .emptyString
    )

    /// Ollama.
    public static let ollama = ServerProfile(
        returnedReasoning: .withToolCalls,
        reasoningMember: .reasoning,
        returnsUnknownMembers: false,
        contentBesideCalls: .emptyString
    )

    /// OpenRouter.
    ///
    /// Models behind it demand their `reasoning_details` back, with the signatures.
    public static let openRouter = ServerProfile(returnedReasoning: .always, reasoningMember: .reasoning)

    /// DeepSeek.
    ///
    /// In thinking mode it refuses a history whose messages with tool calls lack `reasoning_content`.
    public static let deepSeek = ServerProfile(
        returnedReasoning: .withToolCalls,
        returnsUnknownMembers: false,
        contentBesideCalls: .emptyString
    )

    /// Mistral.
    ///
    /// It refuses members that it does not document, `stream_options` and reasoning among them, and ids of calls that are
    /// not nine letters or digits. It sends usage unasked.
    public static let mistral = ServerProfile(
        asksForStreamUsage: false,
        returnsUnknownMembers: false,
        contentBesideCalls: .emptyString,
        callIDs: .nineAlphanumerics
    )

    /// Gemini's endpoint for the format of OpenAI.
    ///
    /// It demands the thought signatures of tool calls back, which are in `extra_content`.
    public static let gemini = ServerProfile()

    /// The documented format and nothing else, for conformance tests of servers.
    public static let strict = ServerProfile(reading: .strict, returnsUnknownMembers: false)
}
