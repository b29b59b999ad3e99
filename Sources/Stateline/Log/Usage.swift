/// The tokens of a call, as the provider counted them.
///
/// In JSON: `{"input_tokens": 9, "cached_tokens": 0, "output_tokens": 4, "reasoning_tokens": 0}`. A count that is not
/// known is left out.
public struct Usage: Hashable, Sendable {
    /// Tokens of the request.
    public struct Input: Hashable, Sendable {
        /// All tokens of the request, cached ones included.
        public var totalTokenCount: Int
        /// Tokens that the provider read from a cache; `nil` if it does not say.
        public var cachedTokenCount: Int?

        /// Makes input counts.
        public init(totalTokenCount: Int, cachedTokenCount: Int? = nil) {
            self.totalTokenCount = totalTokenCount
            self.cachedTokenCount = cachedTokenCount
        }
    }

    /// Tokens of the answer.
    public struct Output: Hashable, Sendable {
        /// All tokens of the answer, reasoning included.
        public var totalTokenCount: Int
        /// Tokens that the model spent on reasoning; `nil` if the provider does not say.
        public var reasoningTokenCount: Int?

        /// Makes output counts.
        public init(totalTokenCount: Int, reasoningTokenCount: Int? = nil) {
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

    /// Adds the tokens of two calls; a count that one of them does not know is not known of both.
    ///
    /// A sum that is too large is `Int.max`.
    public static func + (a: Usage, b: Usage) -> Usage {
        func sum(_ a: Int?, _ b: Int?) -> Int? { a.flatMap { a in b.map { a.adding($0) } } }
        return Usage(
            input: Input(
                totalTokenCount: a.input.totalTokenCount.adding(b.input.totalTokenCount),
                cachedTokenCount: sum(a.input.cachedTokenCount, b.input.cachedTokenCount)
            ),
            output: Output(
                totalTokenCount: a.output.totalTokenCount.adding(b.output.totalTokenCount),
                reasoningTokenCount: sum(a.output.reasoningTokenCount, b.output.reasoningTokenCount)
            )
        )
    }
}
