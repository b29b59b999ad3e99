/// A piece of a streamed answer, as it arrives.
@nonexhaustive
public enum AnswerPart: Hashable, Sendable {
    /// More text of the response.
    case text(String)
    /// More of the model's reasoning.
    case reasoning(String)
    /// More of the model's refusal.
    case refusal(String)
    /// More of a tool call.
    case toolCallDelta(ToolCallDelta)
    /// The parts after this one belong to the provider's item of this id, in formats whose answers are lists of items.
    case item(id: String)
}
