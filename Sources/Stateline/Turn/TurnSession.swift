/// The session of a turn, as far as the turn needs it.
///
/// A turn knows neither handles nor boundaries. It takes what a call needs from here, appends its batch through
/// the log, and gives the session back when it ends.
protocol TurnSession: AnyObject, Sendable {
    /// The session's name.
    var key: SessionKey { get }
    /// The model to call.
    var model: any LanguageModel { get }
    /// The tools to run.
    var toolbox: Toolbox { get }
    /// The tools as requests declare them.
    var tools: ToolDeclaration { get }
    /// The limits and policies of turns.
    var configuration: SessionConfiguration { get }
    /// The door to the store.
    var log: SessionLog { get }
    /// The observers of turns.
    var observers: [any TurnObserver] { get }

    /// The bytes to a token that providers have counted; `nil` without a context window.
    var meter: TokenMeter? { get }

    /// The clock of pauses and time limits.
    var clock: any Clock<Duration> { get }

    /// Returns the time of day, for records.
    func timestamp() -> Timestamp

    /// Begins a turn, or finds the answer of an earlier one.
    func begin(_ start: TurnStart, options: GenerationOptions, isStreamed: Bool) async throws(SessionError)
        -> TurnBeginning

    // MARK: The context window

    /// Appends a view batch that makes a smaller view the active one, with the calls that it took.
    ///
    /// - Parameters:
    ///   - fit: The smaller view. Without a change of the view, only the calls are recorded.
    ///   - base: The snapshot whose view the strategies were given.
    ///   - isShifted: `true` to append entries of other writers to the new view; `false` to give up if there are any.
    ///   - cost: The cost of the requests to the store.
    /// - Returns: The session with the new view; `nil` if the view was not changed, or if another writer changed it. The
    ///   calls are recorded all the same.
    /// - Throws: ``SessionError``: gone, regressed, store, corruptLog or unreadableLog. The calls are left to the next batch.
    func append(
        _ fit: ContextFit,
        after base: Snapshot,
        isShifted: Bool,
        cost: inout StoreCost
    ) async throws(SessionError) -> Snapshot?

    // MARK: The commit

    /// The lease of turns of this process.
    var lease: TurnLease { get }

    /// Begins to keep the lease of a turn that this process has opened or taken over.
    func steps(of turn: TurnID, after base: Snapshot, keepsSteps: Bool) -> StepLog

    /// Takes in the session with a batch of an open turn.
    func stepped(to snapshot: Snapshot)

    /// Returns the newest snapshot that is known, if it is another one of the same view; else `nil`.
    func newest(withViewOf earlier: Snapshot) -> Snapshot?

    /// Takes over the calls of earlier turns that the ledger lacks: the commit records them.
    func takeUnrecordedCalls() -> [Crossing]

    /// Takes back calls of earlier turns that no batch recorded.
    func giveBack(_ calls: [Crossing], after base: LogEnd)

    /// Records that a commit met batches that the session did not know.
    func metOthers()

    /// Takes in batches that a commit met, if they are the log that follows a snapshot.
    ///
    /// - Returns: The position of the newest of them.
    func advance(over missing: [EncodedBatch], from base: Snapshot) -> Position

    // MARK: The end

    /// Records that the turn's batch is in the store: another turn may begin.
    ///
    /// - Parameters:
    ///   - turn: The turn.
    ///   - snapshot: The session with the turn.
    ///   - memory: The newest request.
    func turnCommitted(_ turn: TurnID, as snapshot: Snapshot, memory: RequestMemory?)

    /// Records that the turn ended without a batch. No turn begins before ``turnSettled(_:)``.
    ///
    /// - Parameters:
    ///   - turn: The turn.
    ///   - memory: The newest request, of which only what was in the session before is known to be in the next one.
    ///   - calls: The calls that the ledger lacks; `nil` if it lacks none.
    func turnEnded(_ turn: TurnID, memory: RequestMemory?, leaving calls: UnrecordedCalls?)

    /// Records calls that the ledger lacks, until the task is cancelled or the deadline has passed.
    func recordCalls(until deadline: Duration) async

    /// Lets another turn begin.
    func turnSettled(_ turn: TurnID)
}

/// The calls of a turn without a commit.
enum UnrecordedCalls: Sendable {
    /// No batch with the calls is in the log.
    ///
    /// - Parameters:
    ///   - calls: The calls.
    ///   - base: The newest end of the log that is known, with the tools that the calls declared.
    ///   - isFailing: `true` if the store failed to take them.
    ///   - isAnnounced: `true` if the boundary's `run()` is to record them; `false` if the turn does.
    case missing([Crossing], after: LogEnd, isFailing: Bool, isAnnounced: Bool)
    /// The turn's batch, which holds the calls, had an unknown outcome; it follows this end.
    case unknown([Crossing], after: LogEnd)
    /// The session has no log any more that could show the calls.
    case lost([Crossing])
}

/// The way in which a turn begins.
enum TurnStart: Sendable {
    /// With a prompt, and the idempotency key that names the turn, if it has one.
    case prompt(Prompt, key: String?)
    /// The open turn of the session is continued, with answers to the actions that it waits for.
    case resumption([ActionAnswer])
}

/// The beginning of a turn.
enum TurnBeginning: ~Copyable, Sendable {
    /// The turn.
    case turn(Turn)
    /// The turn has its answer already.
    case answered(Response<String>)
}

/// An answer to an action that a turn waits for.
public enum ActionAnswer: Hashable, Sendable {
    /// The tool may run.
    case approve(ToolCall.ID)
    /// The tool must not run; the model reads the reason.
    case deny(ToolCall.ID, reason: String? = nil)
    /// The output of the client's tool, or of the external event.
    case output(ToolOutput)

    /// The tool call.
    public var call: ToolCall.ID {
        switch self {
        case .approve(let call), .deny(let call, _): call
        case .output(let output): output.callID
        }
    }
}
