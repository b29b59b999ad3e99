/// A piece of a turn, as it happens.
@nonexhaustive
public enum ResponsePart<Content: Sendable>: Sendable {
    /// More text of the answer.
    case text(String)
    /// More of the model's reasoning.
    case reasoning(String)
    /// More of the model's refusal.
    case refusal(String)
    /// More of a tool call, as the model writes it.
    case toolCallDelta(ToolCallDelta)
    /// The parts after this one belong to the provider's item of this id.
    case item(id: String)
    /// The model calls a tool.
    case toolCall(ToolCall)
    /// A tool returned.
    case toolOutput(ToolOutput)
    /// The turn is committed; nothing follows.
    case response(Response<Content>)
}

extension ResponsePart {
    init(_ part: AnswerPart) {
        self =
            switch part {
            case .text(let text): .text(text)
            case .reasoning(let text): .reasoning(text)
            case .refusal(let text): .refusal(text)
            case .toolCallDelta(let delta): .toolCallDelta(delta)
            case .item(let id): .item(id: id)
            }
    }

    /// Returns the same piece of a turn with other content.
    func with<Other: Sendable>(_ content: (Content) -> Other) -> ResponsePart<Other> {
        switch self {
        case .text(let text): .text(text)
        case .reasoning(let text): .reasoning(text)
        case .refusal(let text): .refusal(text)
        case .toolCallDelta(let delta): .toolCallDelta(delta)
        case .item(let id): .item(id: id)
        case .toolCall(let call): .toolCall(call)
        case .toolOutput(let output): .toolOutput(output)
        case .response(let response): .response(response.with(content(response.content)))
        }
    }
}
