/// The result of a turn.
public struct Response<Content: Sendable>: Sendable {
    /// The last answer: its text, for a turn that asked for text.
    public let content: Content
    /// All entries that the turn added, the prompt first.
    public let entries: [Entry]
    /// The reason why the model stopped.
    public let finishReason: FinishReason
    /// The tokens of all calls of the turn; `nil` if a provider did not count them.
    public let usage: Usage?
    /// The revision that the turn became.
    public let revision: Revision
    /// The level at which the store acknowledged the commit.
    public let acknowledged: Acknowledged
    /// The cost of the turn.
    public let trace: TurnTrace

    /// The model's explanation of why it declined to answer; `nil` if it answered.
    public var refusal: String? {
        guard case .response(let parts)? = entries.last?.content else { return nil }
        return parts.lazy.compactMap { if case .refusal(let text) = $0 { text } else { nil } }.first
    }

    /// Returns the same response with other content.
    func with<Other: Sendable>(_ content: Other) -> Response<Other> {
        Response<Other>(
            content: content,
            entries: entries,
            finishReason: finishReason,
            usage: usage,
            revision: revision,
            acknowledged: acknowledged,
            trace: trace
        )
    }
}

extension Response: Codable where Content: Codable {
    private enum CodingKeys: String, CodingKey {
        case content
        case entries
        case finishReason = "finish_reason"
        case usage
        case revision
        case acknowledged
        case trace
    }
}

extension Response<String> {
    /// Makes the response of a turn that was committed.
    init(_ commit: Commit) {
        let answer = commit.answer
        self.init(
            content: answer.text,
            entries: commit.entries,
            finishReason: answer.finishReason,
            usage: commit.usage,
            revision: commit.revision,
            acknowledged: commit.acknowledged,
            trace: commit.trace
        )
    }
}
