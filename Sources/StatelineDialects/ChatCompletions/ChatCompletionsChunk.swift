internal import NIOCore
internal import Stateline

/// What a whole answer and a chunk of a stream have in common: at most one choice, usage, or an error.
struct ChatCompletionsChunk {
    /// The message or delta of the choice.
    let message: JSONFragment?
    /// Why the model stopped, in the provider's word.
    let finishReason: String?
    /// What the provider counted.
    let usage: Usage?
    /// How many choices there are.
    let choiceCount: Int

    /// Reads the members of an answer.
    ///
    /// - Parameters:
    ///   - root: The answer or chunk.
    ///   - member: What a choice holds: `message` or `delta`.
    ///   - secrets: The texts that no error may hold.
    /// - Throws: `ModelError` where there are several choices, an error, or neither choices nor usage.
    init(_ root: JSONFragment, member: String, redacting secrets: Secrets) throws(ModelError) {
        guard let members = root.members else { throw .malformedAnswer("not an object") }
        var choices: [JSONFragment]?
        var usage: JSONFragment?
        for (name, value) in members where !value.isNull {
            switch name {
            case "error": throw .streamFailed(message: ProviderFailure(value, redacting: secrets).message)
            case "choices": choices = value.elements
            case "usage": usage = value
            default: break
            }
        }
        guard let choices = choices ?? (usage != nil ? [] : nil) else { throw .malformedAnswer("no choices") }
        guard choices.count <= 1 else { throw .choiceCount(choices.count) }
        var message: JSONFragment?
        var finishReason: String?
        for (name, value) in choices.first?.members ?? [] where !value.isNull {
            switch name {
            case member: message = value
            case "finish_reason": finishReason = value.word
            case "index" where value.integer != 0: throw .choiceCount(2)
            default: break
            }
        }
        self.message = message
        self.finishReason = finishReason
        self.usage = usage.flatMap(Usage.init)
        self.choiceCount = choices.count
    }
}

extension Usage {
    /// Reads what a provider counted; `nil` where it does not say how many tokens there were.
    init?(_ usage: JSONFragment) {
        guard let input = Self.count(usage["prompt_tokens"]), let output = Self.count(usage["completion_tokens"]) else {
            return nil
        }
        let cached = Self.count(usage["prompt_tokens_details"]?["cached_tokens"])
        let reasoning = Self.count(usage["completion_tokens_details"]?["reasoning_tokens"])
        self.init(
            input: Input(totalTokenCount: input, cachedTokenCount: cached ?? 0),
            output: Output(totalTokenCount: output, reasoningTokenCount: reasoning ?? 0)
        )
    }

    /// A count that can be summed without care: not negative and not absurd.
    private static func count(_ value: JSONFragment?) -> Int? {
        value?.integer.flatMap { 0..<1 << 40 ~= $0 ? $0 : nil }
    }
}

extension Answer {
    /// Makes an answer of its pieces.
    ///
    /// - Throws: `ModelError.unknownFinishReason(_:_:)` with the whole answer where the provider's word is unknown.
    init(_ assembly: AnswerAssembly, finishReason word: String, usage: Usage?) throws(ModelError) {
        let reasons: [String: FinishReason] = [
            "stop": .stop, "length": .length, "tool_calls": .toolCalls, "content_filter": .contentFilter,
        ]
        self.init(entries: try assembly.entries(), finishReason: reasons[word] ?? .other(word), usage: usage)
        if reasons[word] == nil { throw .unknownFinishReason(word, self) }
    }
}
