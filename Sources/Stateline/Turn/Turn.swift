public import NIOCore

/// One turn of a session, step by step: the request to send, the answer to append, the commit.
///
/// `respond(to:)` and `streamResponse(to:)` are loops over it. A runtime that makes model calls itself uses it directly:
///
/// ```swift
/// var turn = try await session.checkout("And tomorrow?")
/// let answer = send(turn.request)
/// try turn.append(answer)
/// let commit = try await turn.commit()
/// ```
///
/// A turn has exactly one owner. Nothing of it is in the session before ``commit()`` returns. A turn that is dropped is
/// abandoned, and the session's next batch records the calls that it made.
///
/// Only an error of the commit ends a turn. A step that is not possible now changes nothing. A failed call leaves the
/// turn open: ``start(route:)`` makes the next one, such as a retry or a call on another route, which has a crossing of
/// its own. ``draft`` is what the turn has received, to be committed if the turn cannot continue.
public struct Turn: ~Copyable, Sendable {
    let session: any TurnSession
    let id: TurnID
    let stopwatch: Stopwatch
    let options: GenerationOptions
    let isStreamed: Bool
    /// The scopes that observers laid around the model's calls and the tools.
    let scopes: TurnScopes
    /// The session at the beginning of the turn, rendered for the dialect of the newest request.
    var origin: Snapshot
    /// The tools as the dialect of the newest request declares them.
    var tools: ToolDeclaration

    var machine: TurnStateMachine
    /// The view with the draft's entries.
    var transcript: Transcript
    /// The view with the draft's entries, as the dialect sends it.
    var rendering: Rendering
    /// The newest request, this turn's or an earlier one's.
    var memory: RequestMemory?
    /// The next request, once it is made, and the time of that.
    var projected: (request: ModelRequest, time: Duration)?
    /// The attempt that the next request is for.
    var attempt = CallAttempt()
    /// `false` if the newest request is of another dialect than the model's own.
    var hasOwnDialect = true
    /// `false` if that dialect renders entries in another way than the model's own.
    var hasOwnFormat = true
    /// Figures of the turn.
    var trace = TurnTrace()
    /// The number of the trace's round trips that were attempts to commit.
    var commitRoundTrips = 0
    /// `true` if an attempt to commit was repeated because its outcome was unknown.
    var wasCommitRepeated = false
    /// The times when the calls began; empty without observers.
    var callStarts: [Duration] = []
    /// The values that the turn changes; `nil` until a tool or the owner asks for them.
    var values: TurnValueTable?
    /// `true` once the context window's strategies were asked because a provider refused a request as too large.
    var wasSizeExceeded = false
    /// The number of the draft's entries before the first whose output is shortened in requests; `nil` if none is.
    var entriesBeforeShortened: Int?
    /// The reason why the turn comes to nothing, if it ends now.
    var failure: SessionError?
    /// The part of the turn that is in the log; `nil` for a turn that is written when it is committed.
    var steps: StepLog? {
        get { stepBox?.log }
        set { stepBox = newValue.map(StepLog.Box.init) }
    }
    var stepBox: StepLog.Box?
    /// `true` while the open tool calls may have been run by another process.
    var isContinued = false

    init(
        _ id: TurnID,
        of session: any TurnSession,
        from origin: Snapshot,
        memory: RequestMemory?,
        opening entries: [Entry],
        options: GenerationOptions,
        isStreamed: Bool,
        stopwatch: Stopwatch
    ) {
        self.session = session
        self.id = id
        self.stopwatch = stopwatch
        self.options = options
        self.isStreamed = isStreamed
        self.scopes = TurnScopes(of: id, key: session.key, observers: session.observers, stopwatch)
        self.origin = origin
        self.tools = session.tools
        self.machine = TurnStateMachine(draft: Draft(turn: id, base: origin.position, entries: entries))
        self.transcript = origin.transcript
        self.rendering = origin.rendering
        self.memory = memory
        transcript.append(contentsOf: entries)
        rendering.append(entries[...], of: transcript)
    }

    deinit {
        stepBox?.log.keeper.stop()
        guard !machine.isEnded else { return }
        let calls = machine.unrecorded(endingWith: .abandoned, at: stopwatch.elapsed)
        leave(calls, at: machine.restingStage, isRecorded: false)
        session.turnSettled(id)
    }
}

extension Turn {
    /// The position of the session that the turn's requests are made from: that at its beginning, or after a compaction.
    public var base: Position { origin.position }

    /// The history that the next call carries: the view, and the turn's entries so far.
    public var history: Transcript { transcript }

    /// The answers so far, for ``ModelSession/commit(_:)`` after the turn has ended; `nil` if there are none.
    ///
    /// A tool call without an output has one in the draft that says that it was interrupted.
    public var draft: Draft? { machine.kept }

    /// The request of the call that is under way, else of the next one.
    ///
    /// - Complexity: O(log *n*) in the size of the history the first time, then O(1).
    public var request: ModelRequest {
        mutating get { machine.request ?? project() }
    }

    /// Starts the call: ``request`` is sent now.
    ///
    /// The first ``append(_:)-(ByteBuffer)`` starts a call by itself, but not after a call that failed.
    ///
    /// - Parameter route: The route of the request, for the ledger; `nil` for the route of the session's model.
    /// - Throws: ``SessionError/turnMisused(_:draft:)`` while another call is under way or once the turn has its answer, or
    ///   ``SessionError/openToolCalls(_:draft:)`` while tool calls have no output. ``SessionError/budgetExceeded(_:draft:)``
    ///   if a budget is used up: the turn can be committed or abandoned then.
    public mutating func start(route: Route? = nil) throws(SessionError) {
        if machine.refusalOfCall == nil { try checkBudgets() }
        try startCall(route: route, at: nil)
    }

    /// Takes bytes of a successful answer, in any pieces.
    ///
    /// - Returns: The parts of the answer that can be shown already.
    /// - Throws: ``SessionError/model(_:draft:)`` if the dialect does not allow the bytes: the call has failed then.
    ///   ``SessionError/turnMisused(_:draft:)`` if no answer is due.
    @discardableResult
    public mutating func append(_ bytes: ByteBuffer) throws(SessionError) -> [AnswerPart] {
        try startIfNeeded()
        let now = stopwatch.lap(.stream)
        defer { stopwatch.lap(.fold) }
        do throws(TurnStateMachine.Failure) { return try machine.received(bytes, at: now) } catch {
            throw failed(error)
        }
    }

    /// Takes a whole answer in entries.
    ///
    /// - Throws: ``SessionError/turnMisused(_:draft:)`` if no answer is due; ``SessionError/model(_:draft:)`` if the answer holds
    ///   entries that no model may write, such as instructions or a prompt: the call has failed then.
    public mutating func append(_ answer: Answer) throws(SessionError) {
        try startIfNeeded()
        let now = stopwatch.lap(.stream)
        defer { stopwatch.lap(.fold) }
        if let misuse = machine.refusalOfAnswer { throw refusal(misuse) }
        try fold(answer, at: now)
    }

    /// Ends the answer whose bytes were appended.
    ///
    /// - Returns: The answer. If it asks for tools, append their outputs next.
    /// - Throws: ``SessionError/model(_:draft:)`` if the bytes are not a whole answer: the call has failed then.
    ///   ``SessionError/turnMisused(_:draft:)`` if no call is under way.
    @discardableResult
    public mutating func finishAnswer() throws(SessionError) -> Answer {
        try endAnswer().answer
    }

    /// Ends the answer; the second value is the end of its text that no part has shown.
    mutating func endAnswer() throws(SessionError) -> (answer: Answer, unshownText: String) {
        let now = stopwatch.lap(.stream)
        defer { stopwatch.lap(.fold) }
        let ended: (answer: Answer, unshownText: String)
        do throws(TurnStateMachine.Failure) { ended = try machine.answerEnded(at: now) } catch {
            throw failed(error)
        }
        try fold(ended.answer, at: now)
        return ended
    }

    /// Takes the outputs of tools that the answer called.
    ///
    /// Once each call has its output, ``request`` is the next step's. A turn that is kept step by step writes what it has
    /// received with ``keepStep()``.
    ///
    /// - Throws: ``SessionError/turnMisused(_:draft:)`` for an output of no open call.
    public mutating func append(_ outputs: [ToolOutput]) throws(SessionError) {
        stopwatch.lap(.tools)
        defer { stopwatch.lap(.fold) }
        if let misuse = machine.toolsReturned(outputs) { throw refusal(misuse) }
        collectValues()
        let entries = outputs.map { Entry(.toolOutput($0)) }
        transcript.append(contentsOf: entries)
        rendering.append(entries[...], of: transcript)
        projected = nil
    }

    /// Ends the turn without a commit: view and transcript stay as they were.
    ///
    /// The calls that were made are recorded in the ledger before the handle is free for another turn. If the task is
    /// cancelled or the store fails, the next batch of any handle of the session records them, or ``Boundary/run()``
    /// does.
    ///
    /// - Parameter error: The failure of the call that is under way; `nil` if its answer is not wanted any more.
    /// - Returns: The answers that the turn had received; see ``draft``.
    @discardableResult
    public consuming func abandon(_ error: ModelError? = nil) async -> Draft? {
        if let error { _ = callFailed(error) }
        let draft = draft
        await end(.abandoned)
        return draft
    }
}
