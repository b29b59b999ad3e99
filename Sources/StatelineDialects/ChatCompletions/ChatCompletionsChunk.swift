internal import NIOCore
internal import Stateline

/// The common members of a whole answer and of a chunk of a stream: a choice, usage, or an error.
struct ChatCompletionsChunk {
    /// The message of the choice; `nil` in a chunk that has a delta, and in one without a choice.
    private(set) var message: JSONFragment?
    /// The delta of the choice.
    private(set) var delta: JSONFragment?
    /// The text of a choice without a message and a delta.
    private(set) var text: JSONFragment?
    /// The reason why the model stopped, in the provider's word; `nil` if there is none.
    private(set) var finishReason: String?
    /// The tokens that the provider counted.
    private(set) var usage: JSONFragment?
    /// The index of the choice; `nil` without a choice.
    private(set) var choiceIndex: Int?
    /// The error that the chunk tells of, beside what else it holds.
    private(set) var failure: ModelError?
    /// The number of choices; `nil` if the chunk has no list of them.
    private(set) var choiceCount: Int?
    /// The provider's words in a chunk without choices and usage.
    private(set) var words: ModelError?

    /// The members that are not read.
    static let unread = ["logprobs", "content_filter_results", "prompt_filter_results", "token_ids"]

    /// Reads the members of an answer.
    ///
    /// A chunk without choices and usage is a heartbeat, or tells of an error in words alone: see ``words``.
    ///
    /// - Parameters:
    ///   - root: The answer or chunk.
    ///   - index: The index of the choice that the chunks before this one held; `nil` for the first.
    ///   - secrets: The texts that no error may hold.
    /// - Throws: `ModelError.malformedAnswer(_:)` if the root is not an object.
    init(_ root: JSONFragment, choice index: Int?, redacting secrets: Secrets) throws(ModelError) {
        guard let members = root.members else {
            failure = ProviderFailure(inAnswer: root, redacting: secrets)?.error
            if failure != nil { return }
            throw .malformedAnswer("not an object")
        }
        var (hasWords, mayFail) = (false, false)
        for (name, value) in members where !value.isNull {
            switch name {
            case "choices":
                let choices = value.elements ?? []
                choiceCount = value.elements?.count
                read(choices, choice: index, redacting: secrets)
            case "usage": usage = value
            case "x_groq": usage = usage ?? value["usage"]
            case "error": mayFail = true
            case "object", "type": mayFail = mayFail || value.isErrorMark
            case "message", "msg", "detail": hasWords = hasWords || value.string != nil || value.elements != nil
            case "errors", "base_resp": hasWords = true
            default: break
            }
        }
        if mayFail { failure = ProviderFailure(inAnswer: root, redacting: secrets)?.error ?? failure }
        if hasWords, choiceCount == nil, usage == nil {
            words = ProviderFailure(body: root.bytes, redacting: secrets).error
        }
    }

    /// Reads the choice of an index; of the first chunk, that of the index 0, else the first one.
    private mutating func read(_ choices: [JSONFragment], choice index: Int?, redacting secrets: Secrets) {
        let hasZero = choices.count > 1 && choices.contains { ($0["index"]?.integer ?? 0) == 0 }
        let index = index ?? (hasZero ? 0 : nil)
        for choice in choices {
            let members = choice.members ?? []
            let ownIndex = members.value(of: "index")?.integer ?? index ?? 0
            guard ownIndex == index ?? ownIndex else { continue }
            choiceIndex = ownIndex
            for (name, value) in members where !value.isNull {
                switch name {
                case "message": message = value
                case "delta": delta = value
                case "text": text = value
                case "finish_reason": finishReason = value.wordOrNumber
                case "usage": usage = usage ?? value
                case "error": failure = failure ?? ProviderFailure(value, redacting: secrets).error
                default: break
                }
            }
            // Together gives each text twice.
            if message != nil || delta != nil { text = nil }
            return
        }
    }
}

extension JSONFragment {
    /// `true` of the text `error`.
    fileprivate var isErrorMark: Bool { bytes.readableBytesView.elementsEqual(#""error""#.utf8) }
}
