/// The tokens of a call, as the provider counted them.
///
/// In JSON: `{"input_tokens": 9, "cached_tokens": 0, "output_tokens": 4, "reasoning_tokens": 0}`.
public struct Usage: Hashable, Sendable {
    /// Tokens of the request.
    public struct Input: Hashable, Sendable {
        /// All tokens of the request, cached ones included.
        public var totalTokenCount: Int
        /// Tokens that the provider read from a cache.
        public var cachedTokenCount: Int

        /// Makes input counts.
        public init(totalTokenCount: Int, cachedTokenCount: Int = 0) {
            self.totalTokenCount = totalTokenCount
            self.cachedTokenCount = cachedTokenCount
        }
    }

    /// Tokens of the answer.
    public struct Output: Hashable, Sendable {
        /// All tokens of the answer, reasoning included.
        public var totalTokenCount: Int
        /// Tokens that the model spent on reasoning.
        public var reasoningTokenCount: Int

        /// Makes output counts.
        public init(totalTokenCount: Int, reasoningTokenCount: Int = 0) {
            self.totalTokenCount = totalTokenCount
            self.reasoningTokenCount = reasoningTokenCount
        }
    }

    /// Tokens of the request.
    public var input: Input
    /// Tokens of the answer.
    public var output: Output

    /// Makes counts.
    public init(input: Input, output: Output) {
        self.input = input
        self.output = output
    }

    /// Adds the tokens of two calls.
    public static func + (a: Usage, b: Usage) -> Usage {
        Usage(
            input: Input(
                totalTokenCount: a.input.totalTokenCount + b.input.totalTokenCount,
                cachedTokenCount: a.input.cachedTokenCount + b.input.cachedTokenCount
            ),
            output: Output(
                totalTokenCount: a.output.totalTokenCount + b.output.totalTokenCount,
                reasoningTokenCount: a.output.reasoningTokenCount + b.output.reasoningTokenCount
            )
        )
    }
}
