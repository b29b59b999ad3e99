extension Usage: Codable {
    private enum CodingKeys: String, CodingKey {
        case inputTokens = "input_tokens"
        case cachedTokens = "cached_tokens"
        case outputTokens = "output_tokens"
        case reasoningTokens = "reasoning_tokens"
    }

    /// Decodes counts of 0...2^53 - 1; those of cached and of reasoning tokens may be left out.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            input: Input(
                totalTokenCount: try container.decodeCount(forKey: .inputTokens),
                cachedTokenCount: try container.decodeCountIfPresent(forKey: .cachedTokens)
            ),
            output: Output(
                totalTokenCount: try container.decodeCount(forKey: .outputTokens),
                reasoningTokenCount: try container.decodeCountIfPresent(forKey: .reasoningTokens)
            )
        )
    }

    /// Encodes the counts that are known.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(input.totalTokenCount, forKey: .inputTokens)
        try container.encodeIfPresent(input.cachedTokenCount, forKey: .cachedTokens)
        try container.encode(output.totalTokenCount, forKey: .outputTokens)
        try container.encodeIfPresent(output.reasoningTokenCount, forKey: .reasoningTokens)
    }
}
