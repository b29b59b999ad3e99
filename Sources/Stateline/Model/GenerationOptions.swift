/// The options of a generation.
///
/// A member that is `nil` is left to the session's options (``SessionConfiguration/options``), and if they leave it open
/// too, to the provider.
///
/// ```swift
/// let options = GenerationOptions(
///     temperature: 0,
///     responseFormat: .jsonSchema("city", .object(["name": .string()], required: ["name"]), isStrict: true),
///     providerMembers: ["service_tier": "flex"]
/// )
/// let answer = try await session.respond(to: "The capital of France?", options: options)
/// ```
///
/// A dialect sends the options that its format has.
///
/// Source: OpenAI API reference, *Create chat completion*.
public struct GenerationOptions: Hashable, Sendable {
    /// The randomness, 0 for none.
    public var temperature: Double?
    /// The maximum number of tokens of an answer.
    public var maximumResponseTokens: Int?
    /// The share of the likeliest tokens that the model chooses from.
    public var topP: Double?
    /// A seed, for providers that can repeat an answer.
    public var seed: Int?
    /// Texts at which the model stops; empty for none, whatever the session's options have.
    public var stopSequences: [String]?
    /// The tools that the model may or must call.
    ///
    /// A call is forced once: after the first call of a turn was answered, ``ToolChoice/required`` and
    /// ``ToolChoice/tool(_:)`` are left out, so that the model can answer with the tools' outputs.
    public var toolChoice: ToolChoice?
    /// `true` if the model may ask for several tool calls at once.
    public var allowsParallelToolCalls: Bool?
    /// The form of the answer.
    public var responseFormat: ResponseFormat?
    /// The effort that a reasoning model spends before it answers.
    public var reasoningEffort: ReasoningEffort?
    /// A text that requests of one prefix have in common, by which a provider finds the machine with that prefix in its
    /// cache.
    public var promptCacheKey: String?
    /// More members of the request's body, by name, for settings of one provider.
    ///
    /// They are sent in the order of their names. A member that the dialect writes itself is left out.
    public var providerMembers: [String: JSON]
    /// More headers of the request.
    ///
    /// They replace headers of the dialect and of the endpoint, but not the one of authentication. An error does not
    /// hold their values.
    public var headers: RequestHeaders

    /// Makes options.
    public init(
        temperature: Double? = nil,
        maximumResponseTokens: Int? = nil,
        topP: Double? = nil,
        seed: Int? = nil,
        stopSequences: [String]? = nil,
        toolChoice: ToolChoice? = nil,
        allowsParallelToolCalls: Bool? = nil,
        responseFormat: ResponseFormat? = nil,
        reasoningEffort: ReasoningEffort? = nil,
        promptCacheKey: String? = nil,
        providerMembers: [String: JSON] = [:],
        headers: RequestHeaders = [:]
    ) {
        self.temperature = temperature
        self.maximumResponseTokens = maximumResponseTokens
        self.topP = topP
        self.seed = seed
        self.stopSequences = stopSequences
        self.toolChoice = toolChoice
        self.allowsParallelToolCalls = allowsParallelToolCalls
        self.responseFormat = responseFormat
        self.reasoningEffort = reasoningEffort
        self.promptCacheKey = promptCacheKey
        self.providerMembers = providerMembers
        self.headers = headers
    }

    /// Returns these options, with other ones for what these leave open.
    ///
    /// Provider members and headers are merged by name.
    ///
    /// - Complexity: O(*n*) in the number of provider members and headers.
    public func merging(_ defaults: GenerationOptions) -> GenerationOptions {
        GenerationOptions(
            temperature: temperature ?? defaults.temperature,
            maximumResponseTokens: maximumResponseTokens ?? defaults.maximumResponseTokens,
            topP: topP ?? defaults.topP,
            seed: seed ?? defaults.seed,
            stopSequences: stopSequences ?? defaults.stopSequences,
            toolChoice: toolChoice ?? defaults.toolChoice,
            allowsParallelToolCalls: allowsParallelToolCalls ?? defaults.allowsParallelToolCalls,
            responseFormat: responseFormat ?? defaults.responseFormat,
            reasoningEffort: reasoningEffort ?? defaults.reasoningEffort,
            promptCacheKey: promptCacheKey ?? defaults.promptCacheKey,
            providerMembers: defaults.providerMembers.isEmpty
                ? providerMembers : providerMembers.merging(defaults.providerMembers) { own, _ in own },
            headers: headers.merging(defaults.headers)
        )
    }
}

extension GenerationOptions {
    /// Returns the first option that no provider could take; `nil` if there is none.
    ///
    /// - Parameter tools: The tools that requests declare.
    /// - Returns: The fault, without the value of a header.
    func fault(with tools: [ToolDefinition]) -> String? {
        if let temperature, !temperature.isFinite { return "temperature is not a finite number" }
        if let topP, !topP.isFinite { return "topP is not a finite number" }
        if let maximumResponseTokens, maximumResponseTokens < 1 { return "maximumResponseTokens is less than 1" }
        if case .jsonSchema(let format)? = responseFormat, !format.hasValidName {
            return "the name of the response format is not 1 to 64 letters, digits, _ and -"
        }
        switch toolChoice {
        case .required? where tools.isEmpty: return "a tool call is required, and the session has no tools"
        case .tool(let name)? where !tools.contains(where: { $0.name == name }):
            return "there is no tool \(name) to call"
        default: return headers.isEmpty ? nil : headers.fault
        }
    }

    /// Returns the options of a later call of the turn: no tool call is forced.
    func afterFirstAnswer() -> GenerationOptions {
        switch toolChoice {
        case .required?, .tool?:
            var options = self
            options.toolChoice = nil
            return options
        case .automatic?, .noTool?, nil: return self
        }
    }
}
