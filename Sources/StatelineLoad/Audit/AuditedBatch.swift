internal import Stateline

/// The unique name of a batch.
struct BatchName: Hashable, Sendable {
    /// The turn of the batch.
    let turn: TurnID
    /// The position of the log with it.
    let position: Position

    /// Makes the name of a batch.
    init(_ batch: EncodedBatch) {
        self.init(turn: batch.turn, position: batch.position)
    }

    init(turn: TurnID, position: Position) {
        self.turn = turn
        self.position = position
    }
}

/// An appended batch and its outcome.
struct AuditedBatch: Sendable {
    /// The outcome as reported to its writer.
    enum Fate: Hashable, Sendable {
        /// Unknown, so far or for good. Next: acknowledged, refused.
        case open
        /// In the log, for good.
        case acknowledged
        /// Not in the log, for good.
        case refused
    }

    /// The expected position.
    let expected: Position
    /// The number of the process that appended it; only the events of one process have a known order.
    let source: Int
    /// The number of the event at which it was begun.
    let began: UInt64
    /// The number of the event at which it was acknowledged.
    var ended = UInt64.max
    /// The outcome.
    var fate = Fate.open
    /// The number of attempts.
    var attempts = 1
    /// The number of attempts that are known to have failed.
    var failures = 0
}
