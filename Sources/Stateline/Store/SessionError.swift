/// The failure of an operation on a session.
@nonexhaustive
public enum SessionError: Error, Hashable, Sendable {
    /// A turn, a rewind or the commit of a draft is under way on this handle, which allows one at a time.
    case concurrentRequests
    /// `limit` turns of the session wait already, see ``TurnConcurrency/enqueue(limit:)``: the turn, the rewind or the
    /// commit of a draft did not begin.
    case tooManyWaitingTurns(SessionKey, limit: Int)
    /// There is no such session.
    case gone(SessionKey, Absence)
    /// There is such a session already.
    case alreadyExists(SessionKey)
    /// The id or the tenant is empty or longer than ``SessionKey/maximumLength``, or the tenant is one of the library's.
    case invalidKey(SessionKey)
    /// The prompt has no content.
    case emptyPrompt
    /// An option of the turn is one that no provider could take; the turn did not begin.
    case invalidOptions(String)
    /// No strategy made a smaller view, and this one's plan was refused for a reason; see ``ContextStrategy``.
    case contextPlanRefused(strategy: String, String)
    /// The session has no such revision.
    case unknownRevision(SessionKey, Revision)
    /// The model gave no answer; the session is unchanged, and the ledger shows the call.
    ///
    /// The draft holds the steps that were answered before; it is `nil` if there are none.
    indirect case model(ModelError, draft: Draft? = nil)
    /// A tool gave no output; the session is unchanged, and the ledger shows the calls.
    ///
    /// The draft holds the steps of the turn, with the outputs of the tools that gave one.
    indirect case tool(ToolError, draft: Draft? = nil)
    /// The model asked for tools in more steps than the session allows in a turn.
    ///
    /// The draft holds the steps of the turn, with the outputs of their tools.
    indirect case tooManySteps(limit: Int, draft: Draft? = nil)
    /// The turn did not have its answer within its time, ``SessionConfiguration/turnTimeout``.
    ///
    /// The draft holds the steps of the turn; it is `nil` if there are none.
    indirect case turnTimedOut(limit: Duration, draft: Draft? = nil)
    /// Tool calls have no output.
    ///
    /// A turn that was to continue or to commit is unchanged, and can continue; the draft holds its steps. A session
    /// that ends with such calls refuses a turn if its policy says so; there is no draft then.
    indirect case openToolCalls([ToolCall], draft: Draft? = nil)
    /// The session's view does not show the entry.
    case unknownEntry(SessionKey, EntryNumber)
    /// The edit would break these rules of a history that providers accept, such as to split calls from outputs; nothing
    /// was changed.
    indirect case invalidEdit(SessionKey, [RepairRule])
    /// The session has other settings than its opener gives, and its policy is to refuse that.
    indirect case settingsDiffer(SessionKey, [SessionSetting])
    /// Strict providers would refuse the history, and the session's policy is not to repair it; the turn did not begin.
    indirect case unsoundHistory(SessionKey, RepairReport)
    /// The turn cannot do this now, such as commit before there is an answer. It is unchanged, and can continue.
    ///
    /// The draft holds the turn's answered steps, for a caller that gives the turn up; it is `nil` if there are none.
    indirect case turnMisused(String, draft: Draft? = nil)
    /// Another turn of the session is open, or waits for its place. Nothing was paid for.
    case turnIsOpen(SessionKey, OpenTurnConflict)
    /// The turn waits for actions from outside; what it has received is in the log.
    ///
    /// ``ModelSession/resume(answering:options:)`` continues it, in any process.
    case turnWaiting(SessionKey, TurnID, [RequiredAction])
    /// The turn was ended or taken over while it ran; the session does not take its entries any more.
    ///
    /// The draft holds the answers so far; those that were written are in the log, too, outside of the view.
    indirect case turnLost(TurnLoss, draft: Draft? = nil)
    /// A turn with the same idempotency key has another input.
    case idempotencyMismatch(SessionKey, TurnID)
    /// The open turn has a model call without a known answer, and the session's policy is not to repeat it.
    case modelCallNotRepeated(SessionKey, TurnID)
    /// The session has no open turn to continue, or its actions do not fit the answers; the text says which.
    case notResumable(SessionKey, String)
    /// A budget is used up; the next call was not made. The session is unchanged, and the ledger shows the calls.
    ///
    /// The draft holds the answered steps of the turn; it is `nil` if there are none.
    indirect case budgetExceeded(BudgetExcess, draft: Draft? = nil)
    /// A value cannot be read or changed; the session is unchanged.
    case value(ValueError)
    /// The turn is complete and could not be committed. Its draft is in the failure, not lost.
    indirect case notCommitted(CommitFailure)
    /// The store gave no answer.
    case store(StoreError)
    /// The store lost acknowledged commits, or the session was created again: the handle's position is not in the store.
    case regressed(SessionKey)
    /// The log in the store is damaged: the batch of this revision does not follow the one before it, or its head claims
    /// what the log does not hold.
    case corruptLog(SessionKey, Revision)
    /// A newer writer made a batch of the log, and this library cannot read it. Nothing is damaged.
    case unreadableLog(SessionKey, FormatError)
    /// The content of the session is encrypted, or should be, and was not opened: at this revision, or at 0 if it was not
    /// even looked at.
    case sealed(SessionKey, Revision, SealError)
    /// The task was cancelled; the session is unchanged.
    ///
    /// The draft holds the steps that were answered before; it is `nil` if there are none.
    indirect case cancelled(draft: Draft? = nil)

    /// The paid answers that are not in the session; `nil` if the turn had received none.
    ///
    /// ``ModelSession/commit(_:)`` puts them into the session. The draft of a turn that stopped between two steps is a
    /// history that providers accept: each tool call has an output, which may say that the call was interrupted.
    public var draft: Draft? {
        switch self {
        case .model(_, let draft), .tool(_, let draft), .tooManySteps(_, let draft), .turnTimedOut(_, let draft),
            .openToolCalls(_, let draft), .turnMisused(_, let draft), .budgetExceeded(_, let draft),
            .cancelled(let draft), .turnLost(_, let draft):
            draft
        case .notCommitted(let failure): failure.draft
        case .concurrentRequests, .tooManyWaitingTurns, .gone, .alreadyExists, .invalidKey, .emptyPrompt,
            .invalidOptions, .unknownRevision, .store, .regressed, .corruptLog, .unreadableLog, .turnIsOpen,
            .turnWaiting, .idempotencyMismatch, .modelCallNotRepeated, .notResumable, .value, .contextPlanRefused,
            .unsoundHistory, .unknownEntry, .invalidEdit, .settingsDiffer, .sealed:
            nil
        }
    }

    /// Returns the error with the draft of the turn that it ended.
    func carrying(_ draft: Draft?) -> SessionError {
        switch self {
        case .model(let error, nil): .model(error, draft: draft)
        case .tool(let error, nil): .tool(error, draft: draft)
        case .tooManySteps(let limit, nil): .tooManySteps(limit: limit, draft: draft)
        case .turnTimedOut(let limit, nil): .turnTimedOut(limit: limit, draft: draft)
        case .openToolCalls(let calls, nil): .openToolCalls(calls, draft: draft)
        case .budgetExceeded(let excess, nil): .budgetExceeded(excess, draft: draft)
        case .cancelled(nil): .cancelled(draft: draft)
        case .turnLost(let loss, nil): .turnLost(loss, draft: draft)
        default: self
        }
    }
}

extension SessionError: CustomStringConvertible {
    /// The failure and the remedy, in one line.
    public var description: String {
        switch self {
        case .concurrentRequests: "the handle is in a turn already; await that turn, or open another handle"
        case .tooManyWaitingTurns(let key, let limit):
            "the turn was refused: \(limit) turns of session \(key) are waiting; try again later"
        case .gone(let key, let absence): "session \(key) is \(absence)"
        case .alreadyExists(let key):
            "session \(key) exists already; resume it, or choose another key"
        case .invalidKey:
            "the session key is invalid: id and tenant need 1 to \(SessionKey.maximumLength) bytes each, "
                + "and the tenant must not begin with stateline.values."
        case .emptyPrompt: "the prompt is empty; give it a text or another part"
        case .invalidOptions(let fault): "the options of the turn cannot be sent: \(fault)"
        case .contextPlanRefused(let strategy, let reason): "the plan of \(strategy) was refused: \(reason)"
        case .unknownRevision(let key, let revision): "session \(key) has no revision \(revision)"
        case .model(let error, _): error.description
        case .tool(let error, _): error.description
        case .tooManySteps(let limit, _):
            "the turn was ended after \(limit) steps: the model still asks for tools; raise maximumSteps, or commit the draft"
        case .turnTimedOut(let limit, _):
            "the turn had no answer within \(limit); raise turnTimeout, or commit the draft if there is one"
        case .openToolCalls(let calls, _):
            "these tool calls have no output: \(calls.map(\.name).joined(separator: ", ")); give an output for each"
        case .unknownEntry(let key, let number):
            "the view of session \(key) does not show entry \(number); take numbers from the newest snapshot"
        case .invalidEdit(let key, let rules):
            "the edit of session \(key) would break its history (\(rules.map(\.rawValue).joined(separator: ", "))); "
                + "change calls and their outputs together"
        case .settingsDiffer(let key, let settings):
            "session \(key) has other \(settings.map(\.rawValue).joined(separator: " and ")) than those given; "
                + "open it with settingsPolicy .keep or .replace, or give its own"
        case .unsoundHistory(let key, let report):
            "providers would refuse the history of session \(key) (\(report)); set repairs to .automatic, or edit the history"
        case .turnMisused(let text, _): text
        case .turnIsOpen(let key, let conflict):
            conflict.isWaiting
                ? "a turn of session \(key) waits for actions; answer them with resume(answering:), or choose another policy"
                : "another turn of session \(key) is open; try again in \(conflict.retryAfter), or choose another policy"
        case .turnWaiting(_, _, let actions):
            "the turn waits for \(actions.count) action\(actions.count == 1 ? "" : "s") "
                + "(\(actions.map(\.call.name).joined(separator: ", "))); answer with resume(answering:)"
        case .turnLost(.superseded, _):
            "another turn took the place of this one; commit the draft if you want its answers"
        case .turnLost(.taken, _): "another process continues the turn; wait for its end"
        case .turnLost(.ended, _):
            "the turn was ended because its lease had run out; commit the draft if the session lacks its answers"
        case .idempotencyMismatch(let key, _):
            "a turn of session \(key) has the same idempotency key and another input; choose another key"
        case .modelCallNotRepeated(let key, _):
            "the open turn of session \(key) made a model call without a known answer; set repeatsModelCalls to make it again"
        case .notResumable(let key, let reason): "no turn of session \(key) was continued: \(reason)"
        case .budgetExceeded(let excess, _): excess.description
        case .value(let error): error.description
        case .notCommitted(let failure): failure.description
        case .store(let error): error.description
        case .regressed(let key):
            "the store lost acknowledged commits of session \(key) (it was rolled back or failed over), or the session was "
                + "created again; open the session anew"
        case .corruptLog(let key, let revision):
            "the log of session \(key) is corrupt at revision \(revision); restore it from a backup"
        case .unreadableLog(let key, let error):
            "the log of session \(key) was written by a newer version: \(error); update this process"
        case .sealed(let key, 0, let error): "session \(key) was not opened: \(error)"
        case .sealed(let key, let revision, let error):
            "session \(key) was not opened at revision \(revision): \(error)"
        case .cancelled: "the turn was cancelled"
        }
    }
}

extension SessionError {
    /// Makes the error of a store's failure.
    ///
    /// An unreadable log is reported as such, unless the outcome of the request is unknown: that matters more.
    init(_ error: StoreError, of key: SessionKey) {
        if case .unreadable(let reason) = error.reason, error.committed == .no {
            self = .unreadableLog(key, reason)
        } else {
            self = .store(error)
        }
    }

    /// Makes the error of a failure to fold a session's log.
    init(_ error: LogError, of key: SessionKey) {
        switch error {
        case .corrupt(let revision): self = .corruptLog(key, revision)
        case .unreadable(let reason): self = .unreadableLog(key, reason)
        case .sealed(let revision, let reason): self = .sealed(key, revision, reason)
        }
    }
}
