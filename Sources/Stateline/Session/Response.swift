/// What a turn gave.
public struct Response: Sendable {
    /// The text of the last answer.
    public let content: String
    /// All entries that the turn added, the prompt first.
    public let entries: [Entry]
    /// Why the model stopped.
    public let finishReason: FinishReason
    /// The tokens of all calls of the turn; `nil` where a provider did not count.
    public let usage: Usage?
    /// The revision that the turn became.
    public let revision: Revision
    /// How far the commit had got when the store acknowledged it.
    public let acknowledged: Acknowledged
    /// What the turn cost.
    public let trace: TurnTrace

    /// Why the model declined to answer, or `nil` where it did not.
    public var refusal: String? {
        guard case .response(let parts)? = entries.last?.content else { return nil }
        return parts.lazy.compactMap { if case .refusal(let text) = $0 { text } else { nil } }.first
    }
}

/// What a commit did.
public struct Commit: Sendable {
    /// Where the session stands with it.
    public let position: Position
    /// The entries that it added.
    public let entries: [Entry]
    /// How far the commit had got when the store acknowledged it.
    public let acknowledged: Acknowledged
    /// What the turn cost.
    public let trace: TurnTrace

    /// The revision that it became.
    public var revision: Revision { position.revision }
}

/// A piece of a turn, as it happens.
public enum ResponsePart: Sendable {
    /// More text of the answer.
    case text(String)
    /// More of the model's reasoning.
    case reasoning(String)
    /// More of the model's refusal.
    case refusal(String)
    /// The model calls a tool.
    case toolCall(ToolCall)
    /// A tool returned.
    case toolOutput(ToolOutput)
    /// The turn is committed; nothing follows.
    case response(Response)
}

extension ResponsePart {
    init(_ part: AnswerPart) {
        self =
            switch part {
            case .text(let text): .text(text)
            case .reasoning(let text): .reasoning(text)
            case .refusal(let text): .refusal(text)
            }
    }
}
