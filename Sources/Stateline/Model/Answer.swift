/// The answer of a stateless call: the entries to keep, and the provider's account of them.
public struct Answer: Hashable, Sendable {
    /// The largest number of tool calls in one answer, 512.
    ///
    /// The calls of an answer run at once. An answer with more fails with ``ModelError/tooManyToolCalls(limit:)``.
    public static let maximumToolCallCount = 512

    /// The entries, in the order of the history.
    public var entries: [Entry]
    /// The reason why the model stopped.
    public var finishReason: FinishReason
    /// The tokens that the provider counted; `nil` if it did not.
    public var usage: Usage?

    /// Makes an answer.
    public init(entries: [Entry], finishReason: FinishReason = .stop, usage: Usage? = nil) {
        self.entries = entries
        self.finishReason = finishReason
        self.usage = usage
    }

    /// Makes an answer of plain text.
    public static func text(_ text: String, usage: Usage? = nil) -> Answer {
        Answer(entries: [.response(text)], usage: usage)
    }

    /// The text of the response, without reasoning.
    public var text: String {
        entries.reduce(into: "") { text, entry in
            if case .response(let parts) = entry.content { text += parts.text }
        }
    }

    /// The tool calls that the model asks for.
    public var toolCalls: [ToolCall] {
        entries.flatMap { entry in
            if case .toolCalls(let calls) = entry.content { calls } else { [ToolCall]() }
        }
    }
}
