/// The reason why a model ended its answer.
///
/// In JSON a reason is a string: `stop`, `length`, `tool_calls`, `content_filter`, `incomplete`, or `other:` and the
/// provider's own word.
@nonexhaustive
public enum FinishReason: Hashable, Sendable {
    /// The answer is whole.
    case stop
    /// The answer reached the limit of its length.
    case length
    /// The model asks for tool calls.
    case toolCalls
    /// A filter of the provider stopped the answer.
    case contentFilter
    /// The answer broke off: its text so far was kept, and no reason came.
    case incomplete
    /// A reason that the dialect does not know, in the provider's word.
    case other(String)
}

extension FinishReason: Codable {
    private static let otherPrefix = "other:"

    /// Decodes a reason from its string.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        switch text {
        case "stop": self = .stop
        case "length": self = .length
        case "tool_calls": self = .toolCalls
        case "content_filter": self = .contentFilter
        case "incomplete": self = .incomplete
        case _ where text.hasPrefix(Self.otherPrefix): self = .other(String(text.dropFirst(Self.otherPrefix.count)))
        default: throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a finish reason")
        }
    }

    /// Encodes the reason as its string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        let text =
            switch self {
            case .stop: "stop"
            case .length: "length"
            case .toolCalls: "tool_calls"
            case .contentFilter: "content_filter"
            case .incomplete: "incomplete"
            case .other(let word): Self.otherPrefix + word
            }
        try container.encode(text)
    }
}
