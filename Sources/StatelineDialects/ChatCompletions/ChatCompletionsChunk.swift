internal import NIOCore
internal import Stateline

/// The common members of a whole answer and a chunk of a stream: at most one choice, usage, or an error.
struct ChatCompletionsChunk {
    /// The message or delta of the choice.
    let message: JSONFragment?
    /// The reason why the model stopped, in the provider's word.
    let finishReason: String?
    /// The tokens that the provider counted.
    let usage: Usage?
    /// The number of choices.
    let choiceCount: Int

    /// Reads the members of an answer.
    ///
    /// - Parameters:
    ///   - root: The answer or chunk.
    ///   - member: The member that a choice holds: `message` or `delta`.
    ///   - secrets: The texts that no error may hold.
    /// - Throws: `ModelError` if there are several choices, an error, or neither choices nor usage.
    init(_ root: JSONFragment, member: String, redacting secrets: Secrets) throws(ModelError) {
        guard let members = root.members else { throw .malformedAnswer("not an object") }
        var choices: [JSONFragment]?
        var usage: JSONFragment?
        for (name, value) in members where !value.isNull {
            switch name {
            case "error": throw ProviderFailure(value, redacting: secrets).error
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

extension Answer {
    /// Makes an answer of its assembled pieces.
    ///
    /// - Throws: `ModelError.unknownFinishReason(_:_:)` with the whole answer if the provider's word is unknown.
    init(_ assembly: AnswerAssembly, finishReason word: String, usage: Usage?) throws(ModelError) {
        let reasons: [String: FinishReason] = [
            "stop": .stop, "length": .length, "tool_calls": .toolCalls, "content_filter": .contentFilter,
        ]
        self.init(entries: try assembly.entries(), finishReason: reasons[word] ?? .other(word), usage: usage)
        if reasons[word] == nil { throw .unknownFinishReason(word, self) }
    }
}
