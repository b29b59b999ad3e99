/// How a model is asked to generate.
///
/// What is `nil` is left to the provider.
public struct GenerationOptions: Hashable, Sendable {
    /// Randomness, 0 for none.
    public var temperature: Double?
    /// The most tokens of an answer.
    public var maximumResponseTokens: Int?
    /// Only the likeliest tokens that make up this share.
    public var topP: Double?
    /// A seed for providers that can repeat an answer.
    public var seed: Int?
    /// Texts at which the model stops.
    public var stopSequences: [String]

    /// Makes options.
    public init(
        temperature: Double? = nil,
        maximumResponseTokens: Int? = nil,
        topP: Double? = nil,
        seed: Int? = nil,
        stopSequences: [String] = []
    ) {
        self.temperature = temperature
        self.maximumResponseTokens = maximumResponseTokens
        self.topP = topP
        self.seed = seed
        self.stopSequences = stopSequences
    }
}
