/// Why something with a session could not be done.
public enum SessionError: Error, Hashable, Sendable {
    /// A turn, a rewind or the commit of a draft is under way on this handle: Apple's rule is one at a time.
    case concurrentRequests
    /// `limit` turns of the session wait already, see ``TurnConcurrency/enqueue(limit:)``: the turn, the rewind or the
    /// commit of a draft did not begin.
    case tooManyWaitingTurns(SessionKey, limit: Int)
    /// There is no such session.
    case gone(SessionKey, Absence)
    /// There is such a session already.
    case alreadyExists(SessionKey)
    /// The id or the tenant is empty or longer than ``SessionKey/maximumLength``.
    case invalidKey(SessionKey)
    /// The prompt has no content.
    case emptyPrompt
    /// The session has no such revision.
    case unknownRevision(SessionKey, Revision)
    /// The model gave no answer; the session is as it was, and the ledger shows the call.
    ///
    /// The draft holds the steps that were answered before; it is `nil` if there are none.
    indirect case model(ModelError, draft: Draft? = nil)
    /// A tool gave no output; the session is as it was, and the ledger shows the calls.
    ///
    /// The draft holds the steps of the turn, with the outputs of the tools that gave one.
    indirect case tool(ToolError, draft: Draft? = nil)
    /// The model asked for tools more often than the session allows in a turn.
    ///
    /// The draft holds the steps of the turn, with the outputs of their tools.
    indirect case tooManySteps(limit: Int, draft: Draft? = nil)
    /// Tool calls have no output.
    ///
    /// A turn that is told to go on or to commit is as it was, and can go on; the draft holds its steps. A session that
    /// ends with such calls refuses a turn if its policy says so; there is no draft then.
    indirect case openToolCalls([ToolCall], draft: Draft? = nil)
    /// The turn cannot do this now, such as commit before there is an answer. It is as it was, and can go on.
    ///
    /// The draft holds the turn's answered steps, for a caller that gives the turn up; it is `nil` if there are none.
    indirect case turnMisused(String, draft: Draft? = nil)
    /// The turn is complete and could not be committed. Its draft is in the failure, not lost.
    indirect case notCommitted(CommitFailure)
    /// The store gave no answer.
    case store(StoreError)
    /// The store went back, or the session was created again: what is held here is not in the store.
    case regressed(SessionKey)
    /// The log in the store is not what was written: the batch of this revision does not follow the one before it, or
    /// claims what is not so.
    case corruptLog(SessionKey, Revision)
    /// A newer writer made a batch of the log, and this library cannot read it. Nothing is damaged.
    case unreadableLog(SessionKey, FormatError)
    /// The task was cancelled; the session is as it was.
    ///
    /// The draft holds the steps that were answered before; it is `nil` if there are none.
    indirect case cancelled(draft: Draft? = nil)

    /// The paid answers that are not in the session; `nil` if the turn had received none.
    ///
    /// ``ModelSession/commit(_:)`` puts them into the session. Of a turn that stopped between two steps it is a history
    /// that providers accept: each tool call has an output, if need be one that says that the call was interrupted.
    public var draft: Draft? {
        switch self {
        case .model(_, let draft), .tool(_, let draft), .tooManySteps(_, let draft), .openToolCalls(_, let draft),
            .turnMisused(_, let draft), .cancelled(let draft):
            draft
        case .notCommitted(let failure): failure.draft
        case .concurrentRequests, .tooManyWaitingTurns, .gone, .alreadyExists, .invalidKey, .emptyPrompt,
            .unknownRevision, .store, .regressed, .corruptLog, .unreadableLog:
            nil
        }
    }

    /// The error with the draft of the turn that it ended.
    func carrying(_ draft: Draft?) -> SessionError {
        switch self {
        case .model(let error, nil): .model(error, draft: draft)
        case .tool(let error, nil): .tool(error, draft: draft)
        case .tooManySteps(let limit, nil): .tooManySteps(limit: limit, draft: draft)
        case .openToolCalls(let calls, nil): .openToolCalls(calls, draft: draft)
        case .cancelled(nil): .cancelled(draft: draft)
        default: self
        }
    }
}

/// A complete turn that is not in the session.
public struct CommitFailure: Error, Hashable, Sendable {
    /// What became of the commit.
    public enum Reason: Error, Hashable, Sendable {
        /// The session moved on since the turn began. The handle knows what was added, the ledger shows the calls.
        case stale(current: Position)
        /// The store went back, or the session was created again.
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

    /// What became of the commit.
    public let reason: Reason
    /// The paid answer: ``ModelSession/commit(_:)`` merges it, ``ModelSession/fork(at:as:)`` makes a branch for it.
    public let draft: Draft
}

extension SessionError: CustomStringConvertible {
    /// What happened and what to do, in one line.
    public var description: String {
        switch self {
        case .concurrentRequests: "the session is in a turn already: await it, or open another handle"
        case .tooManyWaitingTurns(let key, let limit):
            "\(limit) turns of the session \(key) wait already: try again later"
        case .gone(let key, let absence): "the session \(key) is \(absence)"
        case .alreadyExists(let key): "the session \(key) exists already"
        case .invalidKey: "a session's id and tenant need 1 to \(SessionKey.maximumLength) bytes"
        case .emptyPrompt: "the prompt is empty"
        case .unknownRevision(let key, let revision): "the session \(key) has no revision \(revision)"
        case .model(let error, _): error.description
        case .tool(let error, _): error.description
        case .tooManySteps(let limit, _): "the model asked for tools more than \(limit) times in one turn"
        case .openToolCalls(let calls, _): "tool calls without an output: \(calls.map(\.name).joined(separator: ", "))"
        case .turnMisused(let text, _): text
        case .notCommitted(let failure): failure.description
        case .store(let error): error.description
        case .regressed(let key): "the store went back behind what it had acknowledged for the session \(key)"
        case .corruptLog(let key, let revision): "the log of the session \(key) is corrupt at revision \(revision)"
        case .unreadableLog(let key, let error): "the log of the session \(key) cannot be read: \(error)"
        case .cancelled: "the turn was cancelled"
        }
    }
}

extension SessionError {
    /// The failure of a store.
    ///
    /// An unreadable log is reported as such, unless the outcome of the request is unknown: that matters more.
    init(_ error: StoreError, of key: SessionKey) {
        if case .unreadable(let reason) = error.reason, error.committed == .no {
            self = .unreadableLog(key, reason)
        } else {
            self = .store(error)
        }
    }

    /// The failure to fold a session's log.
    init(_ error: LogError, of key: SessionKey) {
        switch error {
        case .corrupt(let revision): self = .corruptLog(key, revision)
        case .unreadable(let reason): self = .unreadableLog(key, reason)
        }
    }
}

extension CommitFailure: CustomStringConvertible {
    /// What happened, in one line.
    public var description: String {
        switch reason {
        case .stale(let current): "the session moved on to revision \(current.revision) during the turn"
        case .regressed: "the store went back behind what it had acknowledged"
        case .gone(let absence): "the session is \(absence) since the turn began"
        case .store(let error): error.description
        }
    }
}
