/// Why something with a session could not be done.
public enum SessionError: Error, Hashable, Sendable {
    /// A turn is under way on this handle: Apple's rule is one at a time.
    case concurrentRequests
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
    case model(ModelError)
    /// A tool gave no output; the session is as it was, and the ledger shows the calls.
    case tool(ToolError)
    /// The model asked for tools more often than the session allows in a turn.
    case tooManySteps(limit: Int)
    /// The session ends with tool calls that have no output, and its policy is to refuse such.
    case openToolCalls([ToolCall])
    /// The turn cannot do this now, such as commit before there is an answer.
    case turnMisused(String)
    /// The turn is complete and could not be committed. Its draft is in the failure, not lost.
    case notCommitted(CommitFailure)
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
    case cancelled
}

/// A complete turn that is not in the session.
public struct CommitFailure: Error, Hashable, Sendable {
    /// What became of the commit.
    public enum Reason: Hashable, Sendable {
        /// The session moved on since the turn began. The handle knows what was added, the ledger shows the calls.
        case stale(current: Position)
        /// The store went back, or the session was created again.
        case regressed
        /// There is no session any more.
        case gone(Absence)
        /// The store failed.
        case store(StoreError)
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
        case .gone(let key, let absence): "the session \(key) is \(absence)"
        case .alreadyExists(let key): "the session \(key) exists already"
        case .invalidKey: "a session's id and tenant need 1 to \(SessionKey.maximumLength) bytes"
        case .emptyPrompt: "the prompt is empty"
        case .unknownRevision(let key, let revision): "the session \(key) has no revision \(revision)"
        case .model(let error): error.description
        case .tool(let error): error.description
        case .tooManySteps(let limit): "the model asked for tools more than \(limit) times in one turn"
        case .openToolCalls(let calls): "tool calls without an output: \(calls.map(\.name).joined(separator: ", "))"
        case .turnMisused(let text): text
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
    /// A store's failure: of a log that cannot be read it says so as the session does.
    package init(_ error: StoreError, of key: SessionKey) {
        if case .unreadable(let reason) = error.reason {
            self = .unreadableLog(key, reason)
        } else {
            self = .store(error)
        }
    }

    /// A batch that could not be read.
    package init(_ error: FormatError, of key: SessionKey, at revision: Revision) {
        self = error.isNewer ? .unreadableLog(key, error) : .corruptLog(key, revision)
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
