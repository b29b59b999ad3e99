internal import Stateline

// Members of the turn, not initializers of the words: those would own, and so copy, the whole turn.
extension EndedTurn {
    /// How the turn ended.
    var outcomeLabel: OutcomeLabel {
        switch outcome {
        case .committed, .duplicate: .committed
        case .abandoned: .abandoned
        case .failed(let error): OutcomeLabel(error)
        }
    }

    /// What became of the commit, or `nil` where the turn never came to one.
    var commitLabel: CommitLabel? {
        switch outcome {
        case .committed: commitRoundTrips > 1 ? .unknownResolved : .committed
        case .duplicate: commitRoundTrips > 1 ? .unknownResolved : .duplicate
        case .failed(.notCommitted(let failure)): CommitLabel(failure.reason)
        case .failed, .abandoned: nil
        }
    }

    /// How far the commit had got, or `nil` where the turn was not committed.
    var durabilityLabel: DurabilityLabel? {
        switch outcome {
        case .committed(.memory), .duplicate(.memory): .memory
        case .committed(.replicas(1...)), .duplicate(.replicas(1...)): .replicas
        case .committed, .duplicate: .primary
        case .failed, .abandoned: nil
        }
    }
}
