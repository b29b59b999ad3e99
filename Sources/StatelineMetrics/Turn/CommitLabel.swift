internal import Stateline

/// The result of a commit.
enum CommitLabel: String, MetricLabel {
    /// The first attempt committed it, or the store failed and is certain that it has the batch.
    case committed
    /// It was in the log already.
    case duplicate
    /// The outcome of an attempt was unknown, and a later attempt resolved it: the turn is committed.
    case unknownResolved = "unknown_resolved"
    /// The outcome is still unknown.
    case unknownFailed = "unknown_failed"
    /// The session had a newer batch.
    case stale
    /// The store had lost acknowledged commits.
    case regressed
    /// The session is gone.
    case gone
    /// The store has no room.
    case full
    /// The store failed, and the batch is not in it.
    case failed

    var index: Int {
        switch self {
        case .committed: 0
        case .duplicate: 1
        case .unknownResolved: 2
        case .unknownFailed: 3
        case .stale: 4
        case .regressed: 5
        case .gone: 6
        case .full: 7
        case .failed: 8
        }
    }

    init(_ reason: CommitFailure.Reason) {
        self =
            switch reason {
            case .stale: .stale
            case .regressed: .regressed
            case .gone: .gone
            case .store(let error) where error.committed == .unknown: .unknownFailed
            case .store(let error) where error.committed == .yes: .committed
            case .store(let error) where error.reason == .full: .full
            case .store: .failed
            }
    }
}
