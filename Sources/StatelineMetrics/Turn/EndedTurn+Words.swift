internal import Stateline

/// How turns are told apart in metrics and spans: a few constant words.
enum OutcomeWord: String, LabelWord {
    /// The batch is in the log.
    case committed
    /// The turn was complete and is not in the log; `stateline.commit` tells why.
    case notCommitted = "not_committed"
    /// The model gave no answer.
    case modelFailed = "model_failed"
    /// A tool gave no output.
    case toolFailed = "tool_failed"
    /// The store did not give the session.
    case storeFailed = "store_failed"
    /// The session or its caller did not allow the turn to go on.
    case refused
    /// The task was cancelled.
    case cancelled
    /// The owner dropped the turn.
    case abandoned

    var index: Int {
        switch self {
        case .committed: 0
        case .notCommitted: 1
        case .modelFailed: 2
        case .toolFailed: 3
        case .storeFailed: 4
        case .refused: 5
        case .cancelled: 6
        case .abandoned: 7
        }
    }

    fileprivate init(_ error: SessionError) {
        self =
            switch error {
            case .notCommitted: .notCommitted
            case .model: .modelFailed
            case .tool: .toolFailed
            case .cancelled: .cancelled
            case .store, .regressed, .corruptLog, .unreadableLog, .gone: .storeFailed
            case .concurrentRequests, .tooManyWaitingTurns, .alreadyExists, .invalidKey, .emptyPrompt,
                .unknownRevision, .tooManySteps, .openToolCalls, .turnMisused:
                .refused
            }
    }
}

/// What became of a commit.
enum CommitWord: String, LabelWord {
    /// The first attempt committed it.
    case committed
    /// It was in the log already.
    case duplicate
    /// The outcome of an attempt was unknown, and a later one found it out: the turn is committed.
    case unknownResolved = "unknown_resolved"
    /// The outcome is unknown still.
    case unknownFailed = "unknown_failed"
    /// The session had moved on.
    case stale
    /// The store had gone back.
    case regressed
    /// The session is gone.
    case gone
    /// The store has no room.
    case full
    /// The store failed, and does not have it.
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

    fileprivate init(_ reason: CommitFailure.Reason) {
        self =
            switch reason {
            case .stale: .stale
            case .regressed: .regressed
            case .gone: .gone
            case .store(let error) where error.committed == .unknown: .unknownFailed
            case .store(let error) where error.reason == .full: .full
            case .store: .failed
            }
    }
}

/// How far a commit had got.
enum DurabilityWord: String, LabelWord {
    case memory, primary, replicas

    var index: Int {
        switch self {
        case .memory: 0
        case .primary: 1
        case .replicas: 2
        }
    }
}

/// What the cache had of a session.
enum CacheWord: String, LabelWord {
    case hit, miss, stale, bypass

    var index: Int {
        switch self {
        case .hit: 0
        case .miss: 1
        case .stale: 2
        case .bypass: 3
        }
    }

    init(_ outcome: CacheOutcome) {
        self =
            switch outcome {
            case .hit, .validated: .hit
            case .miss: .miss
            case .stale: .stale
            case .bypassed: .bypass
            }
    }
}

// Members of the turn, not initializers of the words: those would own, and so copy, the whole turn.
extension EndedTurn {
    /// How the turn ended.
    var outcomeWord: OutcomeWord {
        switch outcome {
        case .committed, .duplicate: .committed
        case .abandoned: .abandoned
        case .failed(let error): OutcomeWord(error)
        }
    }

    /// What became of the commit, or `nil` where the turn never came to one.
    var commitWord: CommitWord? {
        switch outcome {
        case .committed: commitRoundTrips > 1 ? .unknownResolved : .committed
        case .duplicate: commitRoundTrips > 1 ? .unknownResolved : .duplicate
        case .failed(.notCommitted(let failure)): CommitWord(failure.reason)
        case .failed, .abandoned: nil
        }
    }

    /// How far the commit had got, or `nil` where the turn was not committed.
    var durabilityWord: DurabilityWord? {
        switch outcome {
        case .committed(.memory), .duplicate(.memory): .memory
        case .committed(.replicas(1...)), .duplicate(.replicas(1...)): .replicas
        case .committed, .duplicate: .primary
        case .failed, .abandoned: nil
        }
    }
}

extension Crossing {
    /// The constant word for why a call failed, or `nil` where it was answered.
    var errorType: String? {
        switch outcome {
        case .answered: nil
        case .failed(let code): code
        case .cancelled: "cancelled"
        case .abandoned: "abandoned"
        }
    }
}

extension FinishReason {
    /// The word of the conventions; a provider's own words are not passed on.
    var word: String {
        switch self {
        case .stop: "stop"
        case .length: "length"
        case .toolCalls: "tool_calls"
        case .contentFilter: "content_filter"
        case .other: "_OTHER"
        }
    }
}
