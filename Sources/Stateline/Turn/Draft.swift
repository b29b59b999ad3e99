/// The entries that a turn adds to its session when it is committed.
///
/// If the turn comes to nothing, the error carries what it had received: ``SessionError/draft``.
public struct Draft: Hashable, Sendable {
    /// The turn.
    public let turn: TurnID
    /// Where the session stood when the turn began.
    public let base: Position
    /// The entries, in order: the prompt first, after any repair of what was there before.
    public internal(set) var entries: [Entry]
    /// The calls that are not in the ledger yet.
    public internal(set) var crossings: [Crossing] = []
    /// The newest batch that was made of it: sending the same bytes again is what makes a retry safe.
    var encoded: Encoded?

    /// A batch, and the position that it follows.
    struct Encoded: Hashable, Sendable {
        let batch: EncodedBatch
        /// A later position than the draft's base if the commit moved over other handles' records of calls.
        let base: Position
    }

    init(turn: TurnID, base: Position, entries: [Entry]) {
        self.turn = turn
        self.base = base
        self.entries = entries
    }

    /// The text of the last response.
    public var answer: String {
        entries.last { if case .response = $0.content { true } else { false } }?.text ?? ""
    }

    /// The part that can be committed although the turn did not end; `nil` if no call was answered.
    ///
    /// The calls that were made are the session's to record, so they are not in it.
    ///
    /// - Parameter calls: The tool calls that have no output.
    /// - Returns: The draft, in which each tool call has an output.
    func kept(interrupting calls: [ToolCall]) -> Draft? {
        let isAnswered = crossings.contains { if case .answered = $0.outcome { true } else { false } }
        guard isAnswered else { return nil }
        let outputs = calls.map { Entry(.toolOutput(.interrupted($0))) }
        return Draft(turn: turn, base: base, entries: entries + outputs)
    }
}
