internal import Stateline

/// What names a batch for ever: no two that were ever made have the same.
struct BatchName: Hashable, Sendable {
    /// The turn that it belongs to.
    let turn: TurnID
    /// Where the log stands with it.
    let position: Position

    /// Names a batch.
    init(_ batch: EncodedBatch) {
        self.init(turn: batch.turn, position: batch.position)
    }

    init(turn: TurnID, position: Position) {
        self.turn = turn
        self.position = position
    }
}

/// A batch that somebody appended, and what became of it.
struct AuditedBatch: Sendable {
    /// What the one who appended it knows.
    enum Fate: Hashable, Sendable {
        /// Nothing, so far or for ever. Next: acknowledged, refused.
        case open
        /// It is in the log, for good.
        case acknowledged
        /// It is not in the log, and will not be.
        case refused
    }

    /// After what.
    let expected: Position
    /// Who appended it: only what one process does has an order that can be told.
    let source: Int
    /// When it was begun, by the auditor's count.
    let began: UInt64
    /// When it was acknowledged, by the auditor's count.
    var ended = UInt64.max
    /// What became of it.
    var fate = Fate.open
    /// How often it was appended.
    var attempts = 1
    /// How many of these attempts are known to have come to nothing.
    var failures = 0
}
