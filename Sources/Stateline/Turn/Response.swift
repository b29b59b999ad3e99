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
    /// The session that holds the turn: a fork of the one that was asked if a policy made a branch.
    public let session: SessionKey
    /// The turn: another one than was begun if the prompt went to an open turn.
    public let turn: TurnID
    /// `true` if the turn had its answer already, from an earlier call with the same idempotency key, or from the open turn
    /// that took the prompt in.
    public let isReplayed: Bool
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
            session: session,
            turn: turn,
            isReplayed: isReplayed,
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
        case session
        case turn
        case isReplayed = "is_replayed"
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
            session: commit.session,
            turn: commit.turn,
            isReplayed: false,
            revision: commit.revision,
            acknowledged: commit.acknowledged,
            trace: commit.trace
        )
    }
}

extension Response<String> {
    /// Makes the response of a turn that ended before.
    init(_ ended: EndedTurnRecord, in snapshot: Snapshot) {
        let entries = snapshot.entries(ended.entries)
        let answer = Answer(entries: Array(entries[(entries.lastIndex { !$0.isAnswer }.map { $0 + 1 } ?? 0)...]))
        self.init(
            content: answer.text,
            entries: entries,
            finishReason: ended.finishReason ?? .stop,
            usage: ended.usage,
            session: snapshot.key,
            turn: ended.turn,
            isReplayed: true,
            revision: ended.revision,
            acknowledged: .primary,
            trace: TurnTrace()
        )
    }
}
