/// The result of a commit.
public struct Commit: Hashable, Sendable, Codable {
    /// The session that holds the turn.
    public let session: SessionKey
    /// The turn.
    public let turn: TurnID
    /// The position of the session with the turn.
    public let position: Position
    /// The entries that the turn added.
    public let entries: [Entry]
    /// The level at which the store acknowledged the commit.
    public let acknowledged: Acknowledged
    /// The cost of the turn.
    public let trace: TurnTrace

    /// The revision that the turn became.
    public var revision: Revision { position.revision }
}

extension Commit {
    /// The turn's last answer, as its entries and its last call tell.
    var answer: Answer {
        let start = entries.lastIndex { entry in
            switch entry.content {
            case .prompt, .toolOutput: true
            case .reasoning, .response, .toolCalls, .instructions, .compaction: false
            }
        }
        let answer = Array(entries[(start.map { $0 + 1 } ?? 0)...])
        return switch trace.crossings.last?.outcome {
        case .answered(let reason)?: Answer(entries: answer, finishReason: reason)
        case .incomplete?: Answer(entries: answer, finishReason: .incomplete)
        case .failed?, .cancelled?, .abandoned?, nil: Answer(entries: answer)
        }
    }

    /// The tokens of all calls of the turn; `nil` if a provider did not count them.
    var usage: Usage? {
        var sum: Usage?
        for crossing in trace.crossings {
            guard let usage = crossing.usage else { return nil }
            sum = sum.map { $0 + usage } ?? usage
        }
        return sum
    }
}
