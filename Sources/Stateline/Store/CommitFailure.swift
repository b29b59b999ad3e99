/// A complete turn that could not be committed.
public struct CommitFailure: Error, Hashable, Sendable {
    /// The reason why a turn could not be committed.
    @nonexhaustive
    public enum Reason: Error, Hashable, Sendable {
        /// The session moved on since the turn began. The handle knows the new batches, the ledger shows the calls.
        case stale(current: Position)
        /// The store lost commits of the session, or the session was created again.
        case regressed
        /// There is no session any more.
        case gone(Absence)
        /// The store failed.
        case store(StoreError)

        /// Makes a reason of the error that an append ended with.
        init(_ error: SessionError) {
            switch error {
            case .gone(_, let absence): self = .gone(absence)
            case .store(let error): self = .store(error)
            case .unreadableLog(_, let format):
                self = .store(StoreError(.unreadable(format), committed: .no, message: format.description))
            default: self = .regressed
            }
        }
    }

    /// The reason.
    public let reason: Reason
    /// The paid answer: ``ModelSession/commit(_:)`` merges it, ``ModelSession/fork(at:as:)`` makes a branch for it.
    public let draft: Draft
}

extension CommitFailure: CustomStringConvertible {
    /// The reason and the remedy, in one line.
    public var description: String {
        switch reason {
        case .stale(let current):
            "the turn was not committed: another writer committed revision \(current.revision) during the turn; "
                + "commit the draft, or fork the session for it"
        case .regressed:
            "the turn was not committed: the store lost acknowledged commits of the session (it was rolled back or failed "
                + "over), or the session was created again; open the session anew"
        case .gone(let absence): "the turn was not committed: the session is \(absence) since the turn began"
        case .store(let error): "the turn was not committed: \(error)"
        }
    }
}
