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
public struct Turn: ~Copyable {
    let open: OpenTurn

    init(_ open: OpenTurn) {
        self.open = open
    }

    /// Where the session stood when the turn began.
    public var base: Position { open.base.position }

    /// What the model would see: the view, and what the turn added so far.
    public var history: Transcript { open.transcript }

    /// What crosses with the next call.
    ///
    /// - Complexity: O(log *n*) in the size of the history the first time, then O(1).
    public var request: ModelRequest { open.project() }

    /// Says that ``request`` crosses the line now; the first ``append(_:)-(ByteBuffer)`` says so too.
    ///
    /// - Throws: ``SessionError/turnMisused(_:)`` while another call is under way, or
    ///   ``SessionError/openToolCalls(_:)``.
    public mutating func start() throws(SessionError) {
        try open.callStarted()
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
    /// - Throws: ``SessionError/model(_:)`` where they are not what the dialect allows; the turn can only end then.
    @discardableResult
    public mutating func append(_ bytes: ByteBuffer) throws(SessionError) -> [AnswerPart] {
        try startIfNeeded()
        open.stopwatch.lap(.stream)
        defer { open.stopwatch.lap(.fold) }
        return try open.received(bytes)
    }

    /// Takes a whole answer that is typed already.
    ///
    /// - Throws: ``SessionError/turnMisused(_:)`` where an answer is there already.
    public mutating func append(_ answer: Answer) throws(SessionError) {
        try startIfNeeded()
        open.stopwatch.lap(.stream)
        defer { open.stopwatch.lap(.fold) }
        try open.answered(answer)
    }

    /// Ends the answer whose bytes were appended.
    ///
    /// - Returns: The answer; where it asks for tools, their outputs are to be appended next.
    /// - Throws: ``SessionError/model(_:)`` where the bytes are not a whole answer; the turn can only end then.
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
    /// - Throws: ``SessionError/notCommitted(_:)`` with the draft, where the session moved on or the store failed;
    ///   ``SessionError/openToolCalls(_:)``, ``SessionError/turnMisused(_:)`` or ``SessionError/model(_:)`` where there
    ///   is no answer to commit: the turn is abandoned then.
    /// - Complexity: O(*k*) in the size of what the turn added.
    public consuming func commit() async throws(SessionError) -> Commit {
        if open.parser != nil {
            do throws(SessionError) { try finishAnswer() } catch {
                await abandon()
                throw error
            }
        }
        return try await open.commit()
    }

    /// Ends the turn without a commit: view and transcript stay as they were.
    ///
    /// Calls that were made are recorded in the ledger before the handle is free for another turn. If the task is
    /// cancelled, the store is not waited for: the next batch of any handle of the session has them, or
    /// ``Boundary/run()`` writes them. So it is, too, if the store fails.
    ///
    /// - Parameter error: Why a call that is under way ended; `nil` where its answer is not wanted any more.
    public consuming func abandon(_ error: ModelError? = nil) async {
        if let error { _ = open.failed(error) }
        await open.abandon(.abandoned)
    }
}
