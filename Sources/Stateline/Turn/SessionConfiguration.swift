/// Limits and policies of a session's handle.
public struct SessionConfiguration: Hashable, Sendable {
    /// The treatment of tool calls of a session that have no output: providers refuse such a history.
    public enum OrphanPolicy: Hashable, Sendable {
        /// Tell the model that the call was interrupted. The repair of the last calls is committed with the turn.
        case synthesizeError
        /// Refuse the turn with ``SessionError/openToolCalls(_:draft:)``.
        case fail
    }

    /// The treatment of a history that strict providers refuse when a turn begins; see ``RepairRule``.
    ///
    /// Tool calls without an output are subject to ``OrphanPolicy`` first.
    public enum RepairPolicy: Hashable, Sendable {
        /// Repair the history, count the repairs in ``TurnTrace/repairs``, and begin the turn.
        ///
        /// The repair is a view batch of its own: nothing is deleted, and a rewind undoes it. If it only adds entries at
        /// the end, they are committed with the turn instead.
        case automatic
        /// Refuse the turn with ``SessionError/unsoundHistory(_:_:)``.
        case refuse
    }

    /// The treatment of a tool call that gives no output.
    public enum ToolFailurePolicy: Hashable, Sendable {
        /// End the turn with ``SessionError/tool(_:draft:)``; nothing of it is in the session.
        case fail
        /// Tell the model the reason, such as that there is no tool of that name, and let it continue.
        case reportToModel
    }

    /// The largest number of answered model calls in a turn; at least 1.
    public var maximumSteps: Int
    /// The options of turns, as far as those of a turn leave them open.
    public var options: GenerationOptions
    /// The rules for making a failed call again; ``RetryPolicy/none`` for never.
    ///
    /// They hold for `respond` and `streamResponse`. The owner of a ``Turn`` decides by itself.
    public var retries: RetryPolicy
    /// The time limits of calls, in place of those of the model's transport.
    public var timeLimits: CallTimeLimits
    /// The time from the beginning of a turn after which it makes no further call; `nil` for no limit.
    ///
    /// A call gets the time that is left as its limit, and so do tools. The turn ends with
    /// ``SessionError/turnTimedOut(limit:draft:)``. The commit of an answer has a limit of its own, ``commitTimeout``. A turn
    /// that its owner drives is not limited.
    public var turnTimeout: Duration?
    /// The treatment of tool calls that have no output when a turn begins.
    public var orphans: OrphanPolicy
    /// The treatment of a history that strict providers refuse when a turn begins.
    public var repairs: RepairPolicy
    /// The treatment of a tool call that gives no output.
    public var toolFailures: ToolFailurePolicy
    /// The treatment of an answer that breaks off after some of its text has come.
    public var incompleteAnswers: IncompleteAnswerPolicy
    /// The user or service in whose name the handle is used, for ``ToolContext/principal``.
    public var principal: String?
    /// Texts of the application for its tools, such as a request id: ``ToolContext/values``.
    public var values: [String: String]
    /// The time after which a commit is not repeated any more.
    ///
    /// A commit is repeated while its outcome is unknown, and while other handles record calls of theirs before it. An
    /// attempt that does not end by then is cancelled, and its outcome is unknown. The commit ends at most a tenth of a
    /// second later, on a server that does not answer too.
    ///
    /// A turn that fails has this time to record its calls, at most 10 s. Calls that are not recorded by then are left to
    /// the session's next batch or to ``Boundary/run()``, and counted in ``Boundary/unrecordedCalls``.
    public var commitTimeout: Duration

    /// Makes a configuration.
    public init(
        maximumSteps: Int = 32,
        options: GenerationOptions = GenerationOptions(),
        retries: RetryPolicy = RetryPolicy(),
        timeLimits: CallTimeLimits = CallTimeLimits(),
        turnTimeout: Duration? = nil,
        orphans: OrphanPolicy = .synthesizeError,
        repairs: RepairPolicy = .automatic,
        toolFailures: ToolFailurePolicy = .reportToModel,
        incompleteAnswers: IncompleteAnswerPolicy = .discard,
        principal: String? = nil,
        values: [String: String] = [:],
        commitTimeout: Duration = .seconds(10)
    ) {
        precondition(maximumSteps > 0, "a turn needs at least one step")
        self.maximumSteps = maximumSteps
        self.options = options
        self.retries = retries
        self.timeLimits = timeLimits
        self.turnTimeout = turnTimeout
        self.orphans = orphans
        self.repairs = repairs
        self.toolFailures = toolFailures
        self.incompleteAnswers = incompleteAnswers
        self.principal = principal
        self.values = values
        self.commitTimeout = commitTimeout
    }
}

extension SessionConfiguration {
    /// The time for records of calls apart from a commit; long enough for a request.
    var recordTimeout: Duration { max(.milliseconds(100), min(commitTimeout, SessionLog.patience)) }
}
