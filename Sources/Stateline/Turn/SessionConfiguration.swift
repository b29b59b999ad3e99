/// Limits and policies of a session's handle.
public struct SessionConfiguration: Hashable, Sendable {
    /// The treatment of tool calls of a session that have no output: providers refuse such a history.
    public enum OrphanPolicy: Hashable, Sendable {
        /// Tell the model that the call was interrupted. The repair of the last calls is committed with the turn.
        case synthesizeError
        /// Refuse the turn with ``SessionError/openToolCalls(_:draft:)``.
        case fail
        /// Run the tools again that are idempotent, as ``Tool/isIdempotent`` says, when a turn is continued; tell the model
        /// of the others, and of those of ended turns, that the call was interrupted.
        case rerunIfIdempotent
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
    /// The points at which a turn is written to the store.
    public var durability: Durability
    /// The treatment of a turn that begins while another one of the session is open.
    public var policy: TurnPolicy
    /// The treatment of a turn that another writer's commit has made stale.
    public var staleCommits: StaleCommitPolicy
    /// The time without a sign of life after which other processes may take an open turn over, at least 10 ms.
    ///
    /// The holder renews it three times in that time.
    public var leaseTerm: Duration
    /// `true` to make the call again when a turn is continued whose call was under way: the provider may have been paid
    /// for it; `false` to end with ``SessionError/modelCallNotRepeated(_:_:)``.
    public var repeatsModelCalls: Bool
    /// The time for which a turn with an idempotency key, or one that was written step by step, can be found again.
    public var turnRetention: Duration
    /// The limits of each turn; `nil` for none but ``maximumSteps`` and ``turnTimeout``.
    public var turnBudget: Budget?
    /// The limits of all turns of the session together; `nil` for none.
    ///
    /// The session's sums are those of its head, whichever process made the calls.
    public var sessionBudget: Budget?
    /// The prices of calls: with them, the ledger shows the cost of each call; `nil` for none.
    public var pricing: Pricing?
    /// The user or service in whose name the handle is used, for ``ToolContext/principal``.
    public var principal: Principal?
    /// The permissions of the handle: a tool that requires another one is not run.
    public var permissions: Set<Permission>
    /// Texts of the application for its tools, such as a request id: ``ToolContext/attributes``.
    public var attributes: [String: String]
    /// The time after which a commit is not repeated any more.
    ///
    /// A commit is repeated while its outcome is unknown, and while other handles record calls of theirs before it. An
    /// attempt that does not end by then is cancelled, and its outcome is unknown. The commit ends at most a tenth of a
    /// second later, on a server that does not answer too.
    ///
    /// A turn that fails has this time to record its calls, at most 10 s. Calls that are not recorded by then are left to
    /// the session's next batch or to ``Boundary/run()``, and counted in ``Boundary/unrecordedCalls``.
    public var commitTimeout: Duration
    /// The size of the model's context window, and the way in which the session stays within it; `nil` to leave that to the
    /// provider.
    ///
    /// It holds for `respond` and `streamResponse`. The owner of a ``Turn`` looks at ``Turn/contextSize`` and calls
    /// ``ModelSession/compact(with:target:)`` between turns.
    public var contextWindow: ContextWindow?

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
        durability: Durability = .turn,
        policy: TurnPolicy = .optimistic,
        staleCommits: StaleCommitPolicy = .refuse,
        leaseTerm: Duration = .seconds(30),
        repeatsModelCalls: Bool = true,
        turnRetention: Duration = .seconds(24 * 3600),
        turnBudget: Budget? = nil,
        sessionBudget: Budget? = nil,
        pricing: Pricing? = nil,
        principal: Principal? = nil,
        permissions: Set<Permission> = [],
        attributes: [String: String] = [:],
        commitTimeout: Duration = .seconds(10),
        contextWindow: ContextWindow? = nil
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
        self.durability = durability
        self.policy = policy
        self.staleCommits = staleCommits
        self.leaseTerm = leaseTerm
        self.repeatsModelCalls = repeatsModelCalls
        self.turnRetention = turnRetention
        self.turnBudget = turnBudget
        self.sessionBudget = sessionBudget
        self.pricing = pricing
        self.principal = principal
        self.permissions = permissions
        self.attributes = attributes
        self.commitTimeout = commitTimeout
        self.contextWindow = contextWindow
    }
}

extension SessionConfiguration {
    /// The time for records of calls apart from a commit; long enough for a request.
    var recordTimeout: Duration { max(.milliseconds(100), min(commitTimeout, SessionLog.patience)) }
}
