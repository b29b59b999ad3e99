/// The part of a turn that is in the log, for a turn that is open there.
struct StepLog: Sendable {
    /// A log in storage of its own: a turn without one is moved without it.
    final class Box: Sendable {
        let log: StepLog

        init(_ log: StepLog) {
            self.log = log
        }
    }

    /// The session with the turn's newest batch, and all batches known since.
    var base: Snapshot
    /// The revision of the batch that gave the turn its lease: if the log names a later one, another holder has the turn.
    let leased: Revision
    /// `true` if each step is written; `false` if the turn is written at its beginning and its end.
    let keepsSteps: Bool
    /// The number of inputs of other turns that the turn has taken in since its newest batch.
    var takenInputs = 0
    /// The changes of values that the log holds.
    var loggedValues: [ValueChange] = []
    /// Renews the lease while calls and tools run.
    let keeper: LeaseKeeper

    /// `true` if the turn is open, and under the same lease.
    func isHeld(_ turn: TurnID) -> Bool {
        base.openTurn.map { $0.turn == turn && $0.leased == leased } ?? false
    }

    /// The reason why a turn is not held any more.
    func loss(of turn: TurnID) -> TurnLoss {
        guard let open = base.openTurn, open.turn == turn else {
            return switch base.turns?.ended(turn)?.outcome {
            case .superseded(let other): .superseded(by: other)
            default: .ended
            }
        }
        return .taken
    }
}
