/// The options of a generation.
///
/// A member that is `nil` is left to the provider.
public struct GenerationOptions: Hashable, Sendable {
    /// The randomness, 0 for none.
    public var temperature: Double?
    /// The maximum number of tokens of an answer.
    public var maximumResponseTokens: Int?
    /// The share of the likeliest tokens that the model chooses from.
    public var topP: Double?
    /// A seed, for providers that can repeat an answer.
    public var seed: Int?
    /// Texts at which the model stops.
    public var stopSequences: [String]
    /// The tools that the model may or must call.
    public var toolChoice: ToolChoice?
    /// `true` if the model may ask for several tool calls at once.
    public var allowsParallelToolCalls: Bool?
    /// The effort that a reasoning model spends before it answers.
    public var reasoningEffort: ReasoningEffort?
    /// More members of the request's body, by name, for settings of one provider.
    ///
    /// They are sent in the order of their names. A member that the dialect writes itself is left out.
    public var providerMembers: [String: JSON]

    /// Makes options.
    public init(
        temperature: Double? = nil,
        maximumResponseTokens: Int? = nil,
        topP: Double? = nil,
        seed: Int? = nil,
        stopSequences: [String] = [],
        toolChoice: ToolChoice? = nil,
        allowsParallelToolCalls: Bool? = nil,
        reasoningEffort: ReasoningEffort? = nil,
        providerMembers: [String: JSON] = [:]
    ) {
        self.temperature = temperature
        self.maximumResponseTokens = maximumResponseTokens
        self.topP = topP
        self.seed = seed
        self.stopSequences = stopSequences
        self.toolChoice = toolChoice
        self.allowsParallelToolCalls = allowsParallelToolCalls
        self.reasoningEffort = reasoningEffort
        self.providerMembers = providerMembers
    }
}
