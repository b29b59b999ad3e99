/// An observer of turns, such as one that counts or traces them.
///
/// A boundary without observers does no work for them. The module `StatelineMetrics` has two: `TurnMetrics` and
/// `TurnSpans`.
public protocol TurnObserver: Sendable {
    /// Receives the event that a turn was checked out.
    ///
    /// It is not called for a turn that could not begin because its session could not be loaded: only
    /// ``turnEnded(_:)`` is. The default returns `nil`.
    ///
    /// - Parameters:
    ///   - turn: The turn.
    ///   - session: Its session, for logs and spans; never for the label of a metric.
    ///   - elapsed: The time since its beginning.
    /// - Returns: A scope to wrap around model calls and tool runs, or `nil` (free).
    func turnBegan(_ turn: TurnID, of session: SessionKey, elapsed: Duration) -> (any TurnScope)?

    /// Receives the event that a call of a turn failed and will be made again, such as for a log.
    ///
    /// It is called before the pause, by the task of the turn, which waits for it. The default does nothing. A turn that
    /// its owner drives repeats no call by itself.
    func retryScheduled(_ retry: CallRetry)

    /// Receives the event that a session's view, or the requests of a turn, were made smaller.
    ///
    /// It is called once the new view is in the log, by the task that made it, which waits for it. The default does nothing.
    ///
    /// - Parameters:
    ///   - compaction: The compaction.
    ///   - session: Its session, for logs and spans; never for the label of a metric.
    ///   - turn: The turn that made it; `nil` for ``ModelSession/compact(with:target:)``.
    func contextCompacted(_ compaction: Compaction, of session: SessionKey, during turn: TurnID?)

    /// Receives the event that a turn ended: it was committed, it failed, or it was dropped.
    ///
    /// It is called once for each turn that began, by the task that ended the turn. The task waits for it, so it must
    /// neither block nor take long. Opening a session is not a turn. Neither is a turn that was refused before it began,
    /// such as one on a handle that is in a turn.
    func turnEnded(_ turn: EndedTurn)
}

extension TurnObserver {
    /// Returns no scope.
    public func turnBegan(_ turn: TurnID, of session: SessionKey, elapsed: Duration) -> (any TurnScope)? { nil }

    /// Does nothing.
    public func retryScheduled(_ retry: CallRetry) {}

    /// Does nothing.
    public func contextCompacted(_ compaction: Compaction, of session: SessionKey, during turn: TurnID?) {}
}

/// A scope around the work done for a turn: each model call, and the tools as a group.
///
/// A streamed answer is read after its call, outside of the scope. A turn that its owner drives, from `checkout(_:)` to
/// `commit()`, has no scopes: the owner makes the calls.
public protocol TurnScope: Sendable {
    /// Runs the work, once and at once, such as with task-local values.
    ///
    /// - Parameter body: The work.
    /// - Returns: The result of the work.
    func run<Value>(_ body: () async -> Value) async -> Value
}

/// A turn at its end.
public struct EndedTurn: Sendable {
    /// The outcome of a turn.
    @nonexhaustive
    public enum Outcome: Sendable {
        /// Its batch is in the log.
        case committed(Acknowledged)
        /// Its batch was in the log already, from an earlier attempt to commit it.
        case duplicate(Acknowledged)
        /// It failed, or its task was cancelled. The session is as it was.
        case failed(SessionError)
        /// Its owner dropped it.
        case abandoned
        /// It waits for actions from outside; the turn that continues it ends once more.
        case waiting([RequiredAction])
    }

    /// The session, for logs and spans; never for the label of a metric.
    public let session: SessionKey
    /// The turn.
    public let turn: TurnID
    /// The outcome.
    public let outcome: Outcome
    /// The cost of the turn, up to its end.
    ///
    /// The cost of recording its crossings apart, after a failure, is not included.
    public let trace: TurnTrace
    /// The number of the trace's round trips that were attempts to commit.
    public let commitRoundTrips: Int
    /// `true` if an attempt to commit was repeated because its outcome was unknown.
    ///
    /// An attempt that follows because the log moved on is no repetition.
    public let wasCommitRepeated: Bool
    /// The time from the beginning of the turn to that of each of the trace's crossings.
    public let crossingStarts: [Duration]
    /// The head of the session with the turn, or at the turn's beginning if it was not committed.
    public let head: Head
    /// The bytes of the session's view as its dialect sends it, the turn's entries included.
    public let viewBytes: Int
}

extension [any TurnObserver] {
    /// Tells each observer of a compaction.
    func observe(_ compaction: Compaction, of session: SessionKey, during turn: TurnID?) {
        for observer in self { observer.contextCompacted(compaction, of: session, during: turn) }
    }

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
                wasCommitRepeated: false,
                crossingStarts: [],
                head: base.head,
                viewBytes: base.rendering.byteCount
            )
        )
    }
}
