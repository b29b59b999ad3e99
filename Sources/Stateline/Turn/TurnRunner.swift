internal import NIOCore

/// The loop of a turn: model, tools, model, until there is an answer; then the commit.
///
/// It is pulled, so that nothing runs ahead of a reader; `respond` and `streamResponse` differ only in whether bytes
/// are asked for in pieces.
final class TurnRunner {
    private let session: any TurnSession
    private let start: TurnStart
    private let options: GenerationOptions
    private let isStreamed: Bool
    private var hasBegun = false
    /// The turn; `nil` before it has begun and after it has ended.
    private var turn: Turn?
    /// The answer of the call that is under way, if it comes in bytes.
    private var bytes: AnswerBytes?
    /// `true` once the content of that answer has ended.
    private var isEnding = false
    /// `true` once more content came behind its end.
    private var isResumed = false
    /// Pieces to give before the turn continues.
    private var pending: ArraySlice<ResponsePart<String>> = []

    init(session: any TurnSession, start: TurnStart, options: GenerationOptions, isStreamed: Bool) {
        self.session = session
        self.start = start
        self.options = options
        self.isStreamed = isStreamed
    }

    /// Returns the next piece of the turn, or `nil` at its end.
    func next() async throws(SessionError) -> ResponsePart<String>? {
        do throws(SessionError) {
            while true {
                if let part = nextPart() { return part }
                if hasBegun, turn == nil { return nil }
                if Task.isCancelled { throw .cancelled() }
                try await advance()
            }
        } catch {
            throw await end(error)
        }
    }

    /// Returns the next piece that waits; O(1), and pieces that were given are released with the last waiting one.
    private func nextPart() -> ResponsePart<String>? {
        guard let part = pending.popFirst() else { return nil }
        if pending.isEmpty { pending = [] }
        return part
    }

    /// Does the next thing.
    private func advance() async throws(SessionError) {
        switch turn?.machine.nextAction {
        case nil:
            hasBegun = true
            try await begin()
        // Only a failed call that is to be repeated lets the loop go on.
        case .startCall:
            _ = try await turn?.takeInputs()
            try await call()
        case .retryOrAbandon: try await call()
        case .receiveAnswer: try await receive()
        case .runTools(let calls): try await runTools(calls)
        case .commit: try await commit()
        case .nothing: throw .turnMisused("the turn cannot continue")
        }
    }

    private func begin() async throws(SessionError) {
        switch try await session.begin(start, options: options, isStreamed: isStreamed) {
        case .turn(let turn): self.turn = consume turn
        case .answered(let response):
            if isStreamed { pending.append(.text(response.content)) }
            pending.append(.response(response))
        }
    }

    private func call() async throws(SessionError) {
        guard let step = turn?.attempt.step, let scopes = turn?.scopes, let stopwatch = turn?.stopwatch
        else { return }
        let configuration = session.configuration
        let limit = configuration.maximumSteps
        guard step < limit else { throw .tooManySteps(limit: limit) }
        if configuration.contextWindow != nil { _ = try await fit(.beforeCall) }
        if turn?.isOverdue == true { throw timedOut }
        guard let request = turn?.project() else { return }
        let keeper = turn?.steps?.keeper
        try turn?.start()
        CrashPoint.reached("calling")
        let reply: ModelReply
        do throws(ModelError) {
            reply = try await scopes.run { () async throws(ModelError) in
                try await session.call(request, stopwatch: stopwatch, lease: keeper)
            }
        } catch {
            return try await retry(after: callFailed(error))
        }
        stopwatch.lap(.firstByte)
        CrashPoint.reached("answered")
        switch reply {
        case .bytes(let bytes):
            self.bytes = bytes
            (isEnding, isResumed) = (false, false)
            if let id = bytes.requestID { turn?.machine.requestNamed(id) }
        case .answer(let answer):
            try turn?.append(answer)
            if isStreamed { pending += answer.parts }
            pending += answer.toolCalls.map { .toolCall($0) }
            try await turn?.keepStep()
        }
    }

    private func receive() async throws(SessionError) {
        do throws(SessionError) { try await readAnswer() } catch {
            if !keepBrokenAnswer(after: error) { try await retry(after: error) }
        }
    }

    /// Reads the next bytes of the answer, or its end.
    private func readAnswer() async throws(SessionError) {
        if turn?.machine.isAnswerComplete != true, let chunk = try await nextBytes() {
            let parts = try turn?.append(chunk) ?? []
            pending += parts.map { ResponsePart<String>($0) }
            guard turn?.machine.isAnswerComplete == true else { return awaitRest(after: parts) }
            // They are given before the end of the answer is waited for and judged.
            guard pending.isEmpty else { return }
        }
        if turn?.machine.isAnswerComplete == true { await bytes?.drain() }
        bytes = nil
        guard let ended = try turn?.endAnswer() else { return }
        if !ended.unshownText.isEmpty { pending.append(.text(ended.unshownText)) }
        pending += ended.answer.toolCalls.map { .toolCall($0) }
        try await turn?.keepStep()
    }

    /// Pulls the next bytes of the answer; `nil` at its end.
    private func nextBytes() async throws(SessionError) -> ByteBuffer? {
        do throws(ModelError) { return try await bytes?.next() } catch {
            // What happens after the content of an answer cannot undo it; a cancelled turn has it in its draft.
            guard turn?.machine.isAnswerWhole == true else { throw callFailed(error) }
            return nil
        }
    }

    /// Limits the wait for what follows the content of the answer, once it has ended.
    ///
    /// Some servers give a reason to stop with each piece: once content came behind one, the end of the body or its mark
    /// is the end.
    private func awaitRest(after parts: [AnswerPart]) {
        if isEnding {
            guard !isResumed, !parts.isEmpty else { return }
            isResumed = true
            bytes?.contentResumed()
        } else if turn?.machine.hasAnswerEnded == true {
            isEnding = true
            bytes?.contentEnded()
        }
    }

    /// Continues with the text of an answer that broke off, if the session's policy is to keep it.
    ///
    /// - Parameter error: The error that the answer broke off with.
    /// - Returns: `true` if the turn continues; `false` if there is no text or it is not kept.
    private func keepBrokenAnswer(after error: SessionError) -> Bool {
        guard case .model = error, !Task.isCancelled, let broken = turn?.keepBrokenAnswer() else { return false }
        bytes = nil
        if isStreamed, !broken.unshownText.isEmpty { pending.append(.text(broken.unshownText)) }
        return true
    }

    private func runTools(_ calls: [ToolCall]) async throws(SessionError) {
        guard let scopes = turn?.scopes, let caller = turn?.caller(), let decisions = turn?.decisions else { return }
        if turn?.isContinued == true {
            turn?.isContinued = false
            if try await interrupt(calls, for: caller, decisions) { return }
        }
        let (runnable, required) = session.toolbox.sort(calls, decisions, for: caller)
        let isKept = turn?.steps?.keepsSteps == true
        CrashPoint.reached("running")
        let run = await scopes.run {
            await session.toolbox.run(runnable, for: caller, lease: turn?.steps?.keeper) {
                output async throws(SessionError) in
                if isKept { try await keep(output) }
            }
        }
        // Before the turn is given up: what the tools did is in the draft.
        if !isKept, !run.outputs.isEmpty { try turn?.append(run.outputs) }
        if let failure = run.failure { throw failure }
        pending += run.outputs.map { .toolOutput($0) }
        let actions = run.actions + required
        guard actions.isEmpty else { return try await wait(for: actions) }
    }

    /// Writes the output of a tool when it comes.
    private func keep(_ output: ToolOutput) async throws(SessionError) {
        CrashPoint.reached("returned")
        try turn?.append([output])
        try await turn?.keepStep()
    }

    /// Gives calls an output that another process may have run, unless they are to run again.
    ///
    /// - Returns: `true` if there were any.
    private func interrupt(
        _ calls: [ToolCall],
        for caller: Toolbox.Caller,
        _ decisions: [TurnRecord.Decision]
    ) async throws(SessionError) -> Bool {
        let toolbox = session.toolbox
        let interrupted = calls.filter { call in
            guard toolbox.mayHaveRun(call, decisions: decisions, for: caller) else { return false }
            return session.configuration.orphans != .rerunIfIdempotent || !toolbox.isIdempotent(call)
        }
        guard !interrupted.isEmpty else { return false }
        try turn?.append(interrupted.map { .interrupted($0) })
        try await turn?.keepStep()
        return true
    }

    /// Leaves the turn to wait for actions from outside.
    private func wait(for actions: [RequiredAction]) async throws(SessionError) {
        try await turn?.openNow()
        guard let error = try await turn?.wait(for: actions) else { return }
        _ = turn.take()
        throw error
    }

    private func commit() async throws(SessionError) {
        if try await turn?.takeInputs() == true { return }
        guard turn?.steps != nil else {
            guard var turn = turn.take() else { return }
            return pending.append(.response(Response(try await turn.commit())))
        }
        guard let commit = try await turn?.commitSteps() else { return }
        _ = turn.take()
        pending.append(.response(Response(commit)))
    }

    /// Records that the call failed, and returns the error: that of the cancellation if the task was cancelled.
    private func callFailed(_ error: ModelError) -> SessionError {
        turn?.stopwatch.lap(.stream)
        return turn?.callFailed(Task.isCancelled ? .cancelled : error) ?? .model(error)
    }

    /// Waits until the failed call may be made again.
    ///
    /// - Throws: The call's error if it is not made again; ``SessionError/cancelled(draft:)`` if the task is cancelled.
    private func retry(after failure: SessionError) async throws(SessionError) {
        bytes = nil
        guard case .model(let error, _) = failure else { throw failure }
        if case .contextSizeExceeded = error, try await fit(.sizeExceeded) { return }
        if case .timeout = error, turn?.isOverdue == true { throw timedOut }
        guard let retry = turn?.nextAttempt() else { throw failure }
        session.observers.observe(retry)
        try? await session.clock.sleep(for: retry.pause.asPause)
        turn?.stopwatch.lap(.firstByte)
        if Task.isCancelled { throw .cancelled() }
    }

    /// Makes the next request smaller, as the session's context window says.
    ///
    /// - Returns: `true` if it is smaller than before.
    private func fit(_ trigger: Compaction.Trigger) async throws(SessionError) -> Bool {
        guard var fitted = turn.take() else { return false }
        let result: Result<Bool, SessionError>
        do throws(SessionError) { result = .success(try await fitted.fit(trigger)) } catch { result = .failure(error) }
        turn = consume fitted
        return try result.get()
    }

    /// The error of a turn whose time has passed.
    private var timedOut: SessionError { .turnTimedOut(limit: session.configuration.turnTimeout ?? .zero) }

    /// Ends the turn without a commit.
    ///
    /// - Returns: The error with the draft of what the turn had received.
    private func end(_ error: SessionError) async -> SessionError {
        hasBegun = true
        bytes = nil
        pending.removeAll()
        // An answer that had come whole was paid for, and is in the draft.
        if error.isCancellation, turn?.machine.isAnswerWhole == true { _ = try? turn?.endAnswer() }
        guard var turn = turn.take() else { return error }
        let error = error.carrying(turn.draft)
        turn.failure = error
        await turn.end(error.isCancellation ? .cancelled : .abandoned)
        return error
    }
}

extension SessionError {
    fileprivate var isCancellation: Bool { if case .cancelled = self { true } else { false } }
}

extension Answer {
    /// The whole answer as pieces of a stream.
    fileprivate var parts: [ResponsePart<String>] {
        entries.compactMap { entry in
            switch entry.content {
            case .reasoning(let reasoning): .reasoning(reasoning.text)
            case .response: .text(entry.text)
            case .instructions, .prompt, .toolCalls, .toolOutput, .compaction: nil
            }
        }
    }
}
