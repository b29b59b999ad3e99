internal import Stateline

/// The outcome of a turn in metrics and spans.
enum OutcomeLabel: String, MetricLabel {
    /// The batch is in the log.
    case committed
    /// The turn was complete and is not in the log; `stateline.commit` has the reason.
    case notCommitted = "not_committed"
    /// The model gave no answer.
    case modelFailed = "model_failed"
    /// A tool gave no output.
    case toolFailed = "tool_failed"
    /// The session could not be loaded from the store.
    case storeFailed = "store_failed"
    /// The session or its caller refused the turn.
    case refused
    /// The task was cancelled.
    case cancelled
    /// The owner dropped the turn.
    case abandoned
    /// The turn waits for an approval, a client's tool or an event.
    case waiting
    /// Another process ended the turn or took it over.
    case lost

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
        case .waiting: 8
        case .lost: 9
        }
    }

    init(_ error: SessionError) {
        self =
            switch error {
            case .notCommitted: .notCommitted
            case .model, .turnTimedOut: .modelFailed
            case .tool: .toolFailed
            case .cancelled: .cancelled
            case .turnWaiting: .waiting
            case .turnLost: .lost
            case .store, .regressed, .corruptLog, .unreadableLog, .sealed, .gone: .storeFailed
            case .concurrentRequests, .tooManyWaitingTurns, .alreadyExists, .invalidKey, .emptyPrompt,
                .invalidOptions, .unknownRevision, .tooManySteps, .openToolCalls, .turnMisused, .turnIsOpen,
                .idempotencyMismatch, .modelCallNotRepeated, .notResumable, .budgetExceeded, .value,
                .contextPlanRefused,
                .unsoundHistory, .unknownEntry, .invalidEdit, .settingsDiffer:
                .refused
            }
    }
}
