/// The entries that a turn adds to its session when it is committed.
///
/// If the turn fails, the error carries what it had received: ``SessionError/draft``.
public struct Draft: Hashable, Sendable {
    /// The turn.
    public let turn: TurnID
    /// The position of the session when the turn began.
    public let base: Position
    /// The entries, in order: the prompt first, after any repair of the history before it.
    public internal(set) var entries: [Entry]
    /// The calls that are not in the ledger yet.
    public internal(set) var crossings: [Crossing] = []
    /// The changes of the session's values by the turn, which are committed with its entries.
    public internal(set) var values: [ValueChange] = []
    /// The newest batch that was made of the draft.
    ///
    /// A retry sends the same bytes again, which makes it safe.
    var encoded: Encoded?
    /// The number of entries that the turn had when the draft was taken of it, if it was not being committed; `nil` for a
    /// whole turn.
    ///
    /// The entries after those are outputs of tool calls that were interrupted.
    private var partCount: Int?

    /// `true` if a process that had the turn before received answers of it.
    var hasEarlierAnswers = false

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

    /// `true` if the draft was taken of a turn that was not being committed: the turn may have continued.
    var isPart: Bool { partCount != nil }

    /// The turn of the batch that commits it.
    ///
    /// A part has a name of its own. It holds no calls, so it must not pass for the batch of the turn, which holds them
    /// all.
    var batchTurn: TurnID { partCount.map(turn.part) ?? turn }

    /// Compares the draft with a batch of the same turn, or of a part of it.
    ///
    /// - Parameter committed: The batch's entries.
    /// - Returns: `true` if the batch holds all entries that the draft received.
    func isContained(in committed: [Entry]) -> Bool {
        committed.starts(with: entries.prefix(partCount ?? entries.count))
    }

    /// Returns the part that can be committed although the turn has not ended; `nil` if no call was answered.
    ///
    /// The session records the calls that were made, so they are not in it.
    ///
    /// - Parameter calls: The tool calls that have no output.
    /// - Returns: The draft, in which each tool call has an output.
    func kept(interrupting calls: [ToolCall]) -> Draft? {
        let isAnswered = hasEarlierAnswers || crossings.contains { $0.outcome.hasAnswer }
        guard isAnswered else { return nil }
        let outputs = calls.map { Entry(.toolOutput(.interrupted($0))) }
        var draft = Draft(turn: turn, base: base, entries: entries + outputs)
        draft.partCount = entries.count
        draft.values = values
        return draft
    }
}

extension TurnID {
    /// Names the batch of the first entries of a turn that continued, or may have continued, after them.
    ///
    /// It depends on the number of entries alone, so that the same part has the same name each time.
    fileprivate func part(_ count: Int) -> TurnID { TurnID(rawValue: rawValue &+ UInt128(count)) }

    /// Returns `true` if this names a part of a turn.
    ///
    /// The turn's id is drawn from 2^128, so the next 2^53 are no other turn's.
    func isPart(of turn: TurnID) -> Bool {
        (1...UInt128(BatchFormat.maximumCount)).contains(rawValue &- turn.rawValue)
    }
}

extension Draft: Codable {
    private enum Key: String, CodingKey {
        case turn
        case base
        case entries
        case crossings
        case values
        case partCount = "part_count"
    }

    /// Reads a draft, such as one that another process could not commit.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        turn = try container.decode(TurnID.self, forKey: .turn)
        base = try container.decode(Position.self, forKey: .base)
        entries = try container.decode([Entry].self, forKey: .entries)
        crossings = try container.decode([Crossing].self, forKey: .crossings)
        values = try container.decodeIfPresent([ValueChange].self, forKey: .values)?.sortedByName ?? []
        partCount = try container.decodeCountIfPresent(forKey: .partCount)
        guard entries.allSatisfy(\.hasCheapIDs) else {
            throw DecodingError.dataCorruptedError(
                forKey: .entries,
                in: container,
                debugDescription: "the id or the name of a tool call has too many combining marks in a row"
            )
        }
        guard partCount.map({ (1...max(entries.count, 1)).contains($0) }) ?? true else {
            throw DecodingError.dataCorruptedError(
                forKey: .partCount,
                in: container,
                debugDescription: "a part has 1 to all of the entries"
            )
        }
    }

    /// Writes the draft without the batch that was made of it.
    ///
    /// A draft that was read is found in the log by its turn instead.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(turn, forKey: .turn)
        try container.encode(base, forKey: .base)
        try container.encode(entries, forKey: .entries)
        try container.encode(crossings, forKey: .crossings)
        if !values.isEmpty { try container.encode(values, forKey: .values) }
        try container.encodeIfPresent(partCount, forKey: .partCount)
    }
}

extension Entry {
    /// `true` if the ids and names of its tool calls cost no more to compare than their length.
    fileprivate var hasCheapIDs: Bool {
        switch content {
        case .toolCalls(let calls):
            calls.allSatisfy { JSONText.isCheaplyCompared($0.id) && JSONText.isCheaplyCompared($0.name) }
        case .toolOutput(let output):
            JSONText.isCheaplyCompared(output.callID) && JSONText.isCheaplyCompared(output.name)
        case .instructions, .prompt, .reasoning, .response, .compaction: true
        }
    }
}
