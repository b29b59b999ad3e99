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

    /// Adds the tokens of two calls; a sum that is too large is `Int.max`.
    public static func + (a: Usage, b: Usage) -> Usage {
        Usage(
            input: Input(
                totalTokenCount: a.input.totalTokenCount.adding(b.input.totalTokenCount),
                cachedTokenCount: a.input.cachedTokenCount.adding(b.input.cachedTokenCount)
            ),
            output: Output(
                totalTokenCount: a.output.totalTokenCount.adding(b.output.totalTokenCount),
                reasoningTokenCount: a.output.reasoningTokenCount.adding(b.output.reasoningTokenCount)
            )
        )
    }
}
