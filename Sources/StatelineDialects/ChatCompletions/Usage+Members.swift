internal import Stateline

extension Usage {
    /// Reads the counts of a provider, under the names that any of them uses; `nil` if one of the totals is missing.
    ///
    /// | cached tokens | server |
    /// |---|---|
    /// | `prompt_tokens_details.cached_tokens` | OpenAI, Azure, vLLM, llama.cpp, OpenRouter, xAI, Gemini |
    /// | `input_tokens_details.cached_tokens` | OpenAI's Responses |
    /// | `prompt_cache_hit_tokens` | DeepSeek |
    /// | `cached_tokens` | Moonshot |
    /// | `cache_read_input_tokens` | Anthropic, LiteLLM |
    /// | `num_cached_tokens`, `cached_content_token_count` | gateways |
    ///
    /// - Complexity: O(*n*) in the bytes of the object, which is walked once.
    init?(_ usage: JSONFragment) {
        let members = usage.members ?? []
        guard let input = Self.input(members),
            let output = members.count(of: "completion_tokens") ?? members.count(of: "output_tokens")
        else { return nil }
        let details = members.value(of: "completion_tokens_details") ?? members.value(of: "output_tokens_details")
        self.init(
            input: Input(totalTokenCount: input, cachedTokenCount: Self.cached(members)),
            output: Output(
                totalTokenCount: output,
                reasoningTokenCount: details?.members?.count(of: "reasoning_tokens")
                    ?? members.count(of: "reasoning_tokens")
            )
        )
    }

    /// Returns all tokens of the request.
    ///
    /// Anthropic's `input_tokens` are those that were neither read from its cache nor written to it.
    private static func input(_ members: [(name: String, value: JSONFragment)]) -> Int? {
        if let count = members.count(of: "prompt_tokens") { return count }
        return members.count(of: "input_tokens")
            .map { count in
                count + (members.count(of: "cache_read_input_tokens") ?? 0)
                    + (members.count(of: "cache_creation_input_tokens") ?? 0)
            }
    }

    private static func cached(_ members: [(name: String, value: JSONFragment)]) -> Int? {
        let details = members.value(of: "prompt_tokens_details") ?? members.value(of: "input_tokens_details")
        if let count = details?.members?.count(of: "cached_tokens") { return count }
        let names = [
            "prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens", "num_cached_tokens",
            "cached_content_token_count",
        ]
        return names.lazy.compactMap { members.count(of: $0) }.first
    }
}

extension [(name: String, value: JSONFragment)] {
    /// Returns a count; `nil` if it is missing, negative or so large that a sum could overflow.
    fileprivate func count(of name: String) -> Int? {
        value(of: name)?.integer.flatMap { 0..<1 << 40 ~= $0 ? $0 : nil }
    }
}
