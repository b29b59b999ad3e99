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

    /// The clock of pauses and time limits.
    var clock: any Clock<Duration> { get }

    /// Returns the time of day, for records.
    func timestamp() -> Timestamp

    /// Begins a turn.
    func checkout(
        _ prompt: Prompt,
        options: GenerationOptions,
        isStreamed: Bool
    ) async throws(SessionError) -> Turn

    // MARK: The commit

    /// Returns the newest snapshot that is known, if it is another one of the same view; else `nil`.
    func newest(withViewOf earlier: Snapshot) -> Snapshot?

    /// Takes over the calls of earlier turns that the ledger lacks: the commit records them.
    func takeUnrecordedCalls() -> [Crossing]

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
