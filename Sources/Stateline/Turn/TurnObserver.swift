/// Is told of each turn, such as to count or to trace it.
///
/// A boundary without observers does no work for them. `TurnMetrics` and `TurnSpans` of the module `StatelineMetrics` are
/// two.
public protocol TurnObserver: Sendable {
    /// A turn was checked out.
    ///
    /// Not called for a turn whose session could not be had: of that one only the end is told. The default gives nothing.
    ///
    /// - Parameters:
    ///   - turn: The turn.
    ///   - session: Its session: for logs and spans, never for the label of a metric.
    ///   - elapsed: How long ago it began.
    /// - Returns: What is to be around its model's calls and its tools; `nil` for nothing, which costs nothing.
    func turnBegan(_ turn: TurnID, of session: SessionKey, elapsed: Duration) -> (any TurnScope)?

    /// A turn ended: it was committed, it failed, or it was dropped.
    ///
    /// Called once for each turn that began, by the task that ended it, before that task learns of the end: it waits for
    /// this, so it must neither block nor take long. Opening a session is no turn, and a turn that was refused before it
    /// began, such as one on a handle that is in a turn, is none either.
    func turnEnded(_ turn: EndedTurn)
}

extension TurnObserver {
    /// Gives nothing.
    public func turnBegan(_ turn: TurnID, of session: SessionKey, elapsed: Duration) -> (any TurnScope)? { nil }
}

/// Is around what others do for a turn: each call of its model, and its tools together.
///
/// What a model gives as a stream is read after its call, outside; a turn that its owner drives by itself, from
/// `checkout(_:)` to `commit()`, has nobody's calls to be around.
public protocol TurnScope: Sendable {
    /// Runs something, once and at once, such as with values that are local to the task.
    ///
    /// - Parameter body: What is run.
    /// - Returns: What it returns.
    func run<Value>(_ body: () async -> Value) async -> Value
}

/// What is known of a turn at its end.
public struct EndedTurn: Sendable {
    /// How a turn ended.
    public enum Outcome: Sendable {
        /// Its batch is in the log.
        case committed(Acknowledged)
        /// Its batch was in the log already, from an earlier attempt to commit it.
        case duplicate(Acknowledged)
        /// Something failed, or its task was cancelled; the session is as it was.
        case failed(SessionError)
        /// Its owner dropped it.
        case abandoned
    }

    /// The session: for logs and spans, never for the label of a metric.
    public let session: SessionKey
    /// The turn.
    public let turn: TurnID
    /// How it ended.
    public let outcome: Outcome
    /// What it cost, up to its end.
    ///
    /// What it takes to record its crossings apart, after a failure, is not in it.
    public let trace: TurnTrace
    /// How many of the trace's round trips were attempts to commit.
    public let commitRoundTrips: Int
    /// When each of the trace's crossings began, from the beginning of the turn.
    public let crossingStarts: [Duration]
    /// Where the session stands with the turn, or stood at its beginning where it was not committed.
    public let head: Head
    /// Bytes of the session's view as its dialect sends them, with what the turn added.
    public let viewBytes: Int
}

extension [any TurnObserver] {
    /// Tells each observer of a turn's end.
    func observe(_ turn: EndedTurn) {
        for observer in self { observer.turnEnded(turn) }
    }

    /// Tells the observers of a turn that could not begin although its handle was free.
    ///
    /// - Parameters:
    ///   - error: The reason.
    ///   - id: The turn.
    ///   - base: The session as it is known.
    ///   - stopwatch: The stages of the attempt.
    func observe(_ error: SessionError, _ id: TurnID, of base: Snapshot, stopwatch: Stopwatch) {
        guard !isEmpty else { return }
        stopwatch.lap(.cacheLookup)
        var trace = TurnTrace()
        trace.total = stopwatch.elapsed
        trace.stages = stopwatch.times
        observe(
            EndedTurn(
                session: base.key,
                turn: id,
                outcome: .failed(error),
                trace: trace,
                commitRoundTrips: 0,
                crossingStarts: [],
                head: base.head,
                viewBytes: base.rendering.byteCount
            )
        )
    }
}
