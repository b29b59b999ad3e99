internal import NIOCore

/// Drives a turn: model, tools, model, until there is an answer; then commits it.
///
/// It is pulled, so that nothing runs ahead of a reader; `respond` and `streamResponse` differ only in whether bytes
/// are asked for in pieces.
final class TurnRunner {
    private enum Phase {
        /// The turn has not begun. Next: `calling`.
        case idle
        /// A call is to be made. Next: `receiving`, `answered`.
        case calling
        /// An answer is coming. Next: `answered`.
        case receiving(AnswerBytes)
        /// There is an answer. Next: `calling` after tools, `ended` after the commit.
        case answered(Answer)
        /// Over.
        case ended
    }

    private let session: ModelSession
    private let prompt: Prompt
    private let options: GenerationOptions
    private let isStreamed: Bool
    private var phase = Phase.idle
    private var turn: Turn?
    /// Pieces that are to be given before the turn goes on.
    private var pending: ArraySlice<ResponsePart> = []

    init(session: ModelSession, prompt: Prompt, options: GenerationOptions, isStreamed: Bool) {
        self.session = session
        self.prompt = prompt
        self.options = options
        self.isStreamed = isStreamed
    }

    /// The next piece of the turn, or `nil` at its end.
    func next() async throws(SessionError) -> ResponsePart? {
        do throws(SessionError) {
            while true {
                if let part = nextPart() { return part }
                if case .ended = phase { return nil }
                if Task.isCancelled { throw .cancelled() }
                try await advance()
            }
        } catch {
            throw await end(error)
        }
    }

    /// The next piece that waits; O(1), and what was given is let go with the last one that waits.
    private func nextPart() -> ResponsePart? {
        guard let part = pending.popFirst() else { return nil }
        if pending.isEmpty { pending = [] }
        return part
    }

    /// Does one thing.
    private func advance() async throws(SessionError) {
        switch phase {
        case .idle:
            turn = try await session.checkout(prompt, options: options, isStreamed: isStreamed)
            phase = .calling
        case .calling: try await call()
        case .receiving(let bytes): try await receive(bytes)
        case .answered(let answer) where answer.toolCalls.isEmpty: try await commit()
        case .answered(let answer): try await runTools(answer.toolCalls)
        case .ended: break
        }
    }

    private func call() async throws(SessionError) {
        guard let open = turn?.open else { return }
        guard open.machine.callCount < session.configuration.maximumSteps else {
            throw .tooManySteps(limit: session.configuration.maximumSteps)
        }
        let request = open.project()
        try turn?.start()
        let reply: ModelReply
        do throws(ModelError) {
            reply = try await open.lend { () async throws(ModelError) in
                try await session.model.call(request, stopwatch: open.stopwatch)
            }
        } catch {
            throw turnFailed(error)
        }
        open.stopwatch.lap(.firstByte)
        switch reply {
        case .bytes(let bytes): phase = .receiving(bytes)
        case .answer(let answer):
            try turn?.append(answer)
            if isStreamed { pending += answer.parts }
            answered(answer)
        }
    }

    private func receive(_ bytes: AnswerBytes) async throws(SessionError) {
        let chunk: ByteBuffer?
        do throws(ModelError) { chunk = try await bytes.next() } catch { throw turnFailed(error) }
        if let chunk {
            pending += try turn?.append(chunk).map { ResponsePart($0) } ?? []
        } else if let answer = try turn?.finishAnswer() {
            answered(answer)
        }
    }

    private func answered(_ answer: Answer) {
        pending += answer.toolCalls.map { .toolCall($0) }
        phase = .answered(answer)
    }

    private func runTools(_ calls: [ToolCall]) async throws(SessionError) {
        guard let open = turn?.open else { return }
        let run = await open.lend { await session.toolbox.run(calls, onFailure: session.configuration.toolFailures) }
        // Before the turn is given up: what the tools did is in the draft.
        try turn?.append(run.outputs)
        if let failure = run.failure { throw failure }
        pending += run.outputs.map { .toolOutput($0) }
        phase = .calling
    }

    private func commit() async throws(SessionError) {
        guard case .answered(let answer) = phase, var turn = turn.take() else { return }
        let commit = try await turn.commit()
        phase = .ended
        pending.append(.response(Response(commit, answer: answer)))
    }

    /// The call failed; where the task was cancelled, that is why.
    private func turnFailed(_ error: ModelError) -> SessionError {
        guard let open = turn?.open else { return .model(error) }
        open.stopwatch.lap(.stream)
        return open.failed(Task.isCancelled ? .cancelled : error)
    }

    /// Ends the turn without a commit.
    ///
    /// - Returns: The error with the draft of what the turn had received.
    private func end(_ error: SessionError) async -> SessionError {
        phase = .ended
        pending.removeAll()
        guard let turn = turn.take() else { return error }
        let error = error.carrying(turn.draft)
        turn.open.failure = error
        if case .cancelled = error {
            await turn.abandon(.cancelled)
        } else {
            await turn.abandon()
        }
        return error
    }
}

extension Answer {
    /// The whole answer as pieces of a stream.
    fileprivate var parts: [ResponsePart] {
        entries.compactMap { entry in
            switch entry.content {
            case .reasoning(let reasoning): .reasoning(reasoning.text)
            case .response: .text(entry.text)
            case .instructions, .prompt, .toolCalls, .toolOutput, .compaction: nil
            }
        }
    }
}

extension Response {
    fileprivate init(_ commit: Commit, answer: Answer) {
        let counts = commit.trace.crossings.map(\.usage)
        self.init(
            content: answer.text,
            entries: commit.entries,
            finishReason: answer.finishReason,
            usage: counts.contains(nil)
                ? nil
                : counts.compactMap { $0 }
                    .reduce(nil) { sum, usage in
                        sum.map { $0 + usage } ?? usage
                    },
            revision: commit.revision,
            acknowledged: commit.acknowledged,
            trace: commit.trace
        )
    }
}
