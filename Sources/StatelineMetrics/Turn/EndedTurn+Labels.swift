internal import Stateline

// Members of the turn, not initializers of the labels: those would own, and so copy, the whole turn.
extension EndedTurn {
    /// The outcome of the turn.
    var outcomeLabel: OutcomeLabel {
        switch outcome {
        case .committed, .duplicate: .committed
        case .abandoned: .abandoned
        case .waiting: .waiting
        case .failed(let error): OutcomeLabel(error)
        }
    }

    /// The result of the commit; `nil` if the turn never came to one.
    var commitLabel: CommitLabel? {
        switch outcome {
        case .committed: wasCommitRepeated ? .unknownResolved : .committed
        case .duplicate: wasCommitRepeated ? .unknownResolved : .duplicate
        case .failed(.notCommitted(let failure)): CommitLabel(failure.reason)
        case .failed, .abandoned, .waiting: nil
        }
    }

    /// The durability of the commit; `nil` if the turn was not committed.
    var durabilityLabel: DurabilityLabel? {
        switch outcome {
        case .committed(.memory), .duplicate(.memory): .memory
        case .committed(.replicas(1...)), .duplicate(.replicas(1...)): .replicas
        case .committed, .duplicate: .primary
        case .failed, .abandoned, .waiting: nil
        }
    }
}
