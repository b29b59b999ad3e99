public import NIOCore

/// One turn of a session, with the line laid open: what would cross, what came back, and the commit.
///
/// `respond(to:)` and `streamResponse(to:)` are made of it; foreign runtimes and benchmarks use it themselves.
///
/// ```swift
/// var turn = try await session.checkout("And tomorrow?")
/// let answer = send(turn.request)
/// try turn.append(answer)
/// let commit = try await turn.commit()
/// ```
///
/// A turn is checked out by exactly one owner. Nothing of it is in the session before ``commit()`` returns; a turn that
/// is dropped is abandoned, and the ledger shows the calls that it made with the session's next batch.
///
/// An error ends a turn only if it is one of the commit. A step that is not possible now changes nothing. A failed call
/// leaves the turn open: ``start(route:)`` makes the next one, such as a retry or a call on another route, which has a
/// crossing of its own. ``draft`` is what the turn has received, to be committed if the turn cannot go on.
public struct Turn: ~Copyable {
    let open: OpenTurn

    init(_ open: OpenTurn) {
        self.open = open
    }

    /// Where the session stood when the turn began.
    public var base: Position { open.base.position }

    /// What the model would see: the view, and what the turn added so far.
    public var history: Transcript { open.transcript }

    /// The answers so far, for ``ModelSession/commit(_:)`` after the turn has ended; `nil` if there are none.
    ///
    /// A tool call without an output is told as interrupted.
    public var draft: Draft? { open.machine.kept }

    /// What crosses with the next call.
    ///
    /// - Complexity: O(log *n*) in the size of the history the first time, then O(1).
    public var request: ModelRequest { open.project() }

    /// Says that ``request`` crosses the line now; the first ``append(_:)-(ByteBuffer)`` says so too, but not after a
    /// call that failed.
    ///
    /// - Parameter route: Where the request goes, for the ledger; `nil` for the route of the session's model.
    /// - Throws: ``SessionError/turnMisused(_:)`` while another call is under way or once the turn has its answer, or
    ///   ``SessionError/openToolCalls(_:draft:)`` while tool calls have no output.
    public mutating func start(route: Route? = nil) throws(SessionError) {
        try open.callStarted(route: route)
        open.callStart = open.stopwatch.elapsed
        open.stopwatch.lap(.project)
    }

    /// The call was made by a runtime that did not say so: it began when the request was made, and the time since then
    /// was spent waiting for it.
    private func startIfNeeded() throws(SessionError) {
        guard open.machine.awaitsCall else { return }
        _ = open.project()
        open.stopwatch.lap(.firstByte)
        try open.callStarted()
    }

    /// Takes bytes of a successful answer, in any pieces.
    ///
    /// - Returns: What of the answer can be shown already.
    /// - Throws: ``SessionError/model(_:draft:)`` if they are not what the dialect allows: the call has failed then.
    ///   ``SessionError/turnMisused(_:)`` if no answer is due.
    @discardableResult
    public mutating func append(_ bytes: ByteBuffer) throws(SessionError) -> [AnswerPart] {
        try startIfNeeded()
        open.stopwatch.lap(.stream)
        defer { open.stopwatch.lap(.fold) }
        return try open.received(bytes)
    }

    /// Takes a whole answer that is typed already.
    ///
    /// - Throws: ``SessionError/turnMisused(_:)`` if no answer is due; ``SessionError/model(_:draft:)`` if the answer holds
    ///   what no model may write, such as instructions or a prompt: the call has failed then.
    public mutating func append(_ answer: Answer) throws(SessionError) {
        try startIfNeeded()
        open.stopwatch.lap(.stream)
        defer { open.stopwatch.lap(.fold) }
        try open.answered(answer)
    }

    /// Ends the answer whose bytes were appended.
    ///
    /// - Returns: The answer; where it asks for tools, their outputs are to be appended next.
    /// - Throws: ``SessionError/model(_:draft:)`` if the bytes are not a whole answer: the call has failed then.
    ///   ``SessionError/turnMisused(_:)`` if no call is under way.
    @discardableResult
    public mutating func finishAnswer() throws(SessionError) -> Answer {
        open.stopwatch.lap(.stream)
        defer { open.stopwatch.lap(.fold) }
        return try open.finish()
    }

    /// Takes what tools gave, for calls of the answer before.
    ///
    /// Once each call has its output, ``request`` is the next step's.
    ///
    /// - Throws: ``SessionError/turnMisused(_:)`` for an output of no open call.
    public mutating func append(_ outputs: [ToolOutput]) throws(SessionError) {
        open.stopwatch.lap(.tools)
        defer { open.stopwatch.lap(.fold) }
        try open.toolsReturned(outputs)
    }

    /// Appends the turn to the session's log, in one round trip.
    ///
    /// An answer whose bytes were appended is ended first.
    ///
    /// - Throws: ``SessionError/notCommitted(_:)`` with the draft, if the session moved on or the store failed: the turn
    ///   has ended then. ``SessionError/openToolCalls(_:draft:)``, ``SessionError/turnMisused(_:)`` or
    ///   ``SessionError/model(_:draft:)`` if there is no answer to commit: the turn can go on then.
    /// - Complexity: O(*k*) in the size of what the turn added.
    public mutating func commit() async throws(SessionError) -> Commit {
        if open.parser != nil { try finishAnswer() }
        return try await open.commit()
    }

    /// Ends the turn without a commit: view and transcript stay as they were.
    ///
    /// Calls that were made are recorded in the ledger before the handle is free for another turn. If the task is
    /// cancelled, the store is not waited for: the next batch of any handle of the session has them, or
    /// ``Boundary/run()`` writes them. So it is, too, if the store fails.
    ///
    /// - Parameter error: Why a call that is under way ended; `nil` where its answer is not wanted any more.
    /// - Returns: The answers that the turn had received; see ``draft``.
    @discardableResult
    public consuming func abandon(_ error: ModelError? = nil) async -> Draft? {
        if let error { _ = open.failed(error) }
        let draft = draft
        await open.abandon(.abandoned)
        return draft
    }
}
