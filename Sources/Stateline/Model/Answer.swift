/// What a stateless call gave: the entries to keep, and what the provider said about them.
public struct Answer: Hashable, Sendable {
    /// The largest number of tool calls in one answer, 512.
    ///
    /// The calls of an answer run at once. An answer with more fails with ``ModelError/tooManyToolCalls(limit:)``.
    public static let maximumToolCallCount = 512

    /// The entries, in the order in which they belong into the history.
    public var entries: [Entry]
    /// Why the model stopped.
    public var finishReason: FinishReason
    /// What the provider counted; `nil` where it did not.
    public var usage: Usage?

    /// Makes an answer.
    public init(entries: [Entry], finishReason: FinishReason = .stop, usage: Usage? = nil) {
        self.entries = entries
        self.finishReason = finishReason
        self.usage = usage
    }

    /// An answer of plain text.
    public static func text(_ text: String, usage: Usage? = nil) -> Answer {
        Answer(entries: [.response(text)], usage: usage)
    }

    /// The text of the response, without reasoning.
    public var text: String {
        entries.reduce(into: "") { text, entry in
            if case .response(let parts) = entry.content { text += parts.text }
        }
    }

    /// The tools that the model wants to be called.
    public var toolCalls: [ToolCall] {
        entries.flatMap { entry in
            if case .toolCalls(let calls) = entry.content { calls } else { [ToolCall]() }
        }
    }
}

/// A piece of a streamed answer, as it arrives.
@nonexhaustive
public enum AnswerPart: Hashable, Sendable {
    /// More text of the response.
    case text(String)
    /// More of the model's reasoning.
    case reasoning(String)
    /// More of the model's refusal.
    case refusal(String)
}
