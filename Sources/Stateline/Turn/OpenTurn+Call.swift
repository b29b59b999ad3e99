internal import Crypto
internal import NIOCore

extension OpenTurn {
    /// Projects the session and the draft into the request of the next call.
    ///
    /// - Complexity: O(log *n*) in the size of the history, which is neither rendered nor hashed nor copied.
    func project() -> ModelRequest {
        if let projected { return projected }
        let dialect = rendering.dialect
        let opening = dialect.opening
        let closing = dialect.closing(
            model: session.model.route.model,
            options: options,
            isStreamed: isStreamed
        )
        let body = GatherList([opening] + rendering.buffers + session.tools.pieces + [closing])
        let prefixBytes = memory?.commonPrefix(with: body) ?? storedPrefix(opening)
        let request = ModelRequest(
            path: dialect.path,
            headers: dialect.headers(isStreamed: isStreamed),
            body: body,
            transcript: transcript,
            tools: session.toolbox.definitions,
            options: options,
            isStreamed: isStreamed,
            sentAgainBytes: prefixBytes + repeatedToolBytes(after: prefixBytes),
            prefixBytes: prefixBytes
        )
        projected = request
        stopwatch.lap(.project)
        if !machine.isCalling { callStart = stopwatch.elapsed }
        return request
    }

    /// What a session that was just opened had sent before: whole entries, as its head tells.
    private func storedPrefix(_ opening: ByteBuffer) -> Int {
        let sent = base.head.view.sentEntries
        guard sent > 0, let bytes = base.rendering.byteOffset(ofEntry: sent) else { return 0 }
        return opening.readableBytes + bytes
    }

    /// The request crosses the line.
    ///
    /// - Parameter route: Where it goes, if not to the session's model.
    /// - Throws: ``SessionError``: openToolCalls or turnMisused.
    func callStarted(route: Route? = nil) throws(SessionError) {
        if let misuse = machine.refusalOfCall { throw refusal(misuse) }
        let request = project()
        var crossing = Crossing(
            step: machine.callCount,
            route: route ?? session.model.route,
            started: session.boundary.timestamp(),
            sentAgainBytes: request.sentAgainBytes,
            newBytes: request.newBytes,
            requestDigest: .request(
                from: base.position.digest,
                prefix: request.prefixBytes,
                rest: ByteCursor(request.body, at: request.prefixBytes).remainder
            ),
            outcome: .abandoned
        )
        crossing.repeatedToolBytes = request.sentAgainBytes - request.prefixBytes
        if let misuse = machine.callStarted(crossing) { throw refusal(misuse) }
        failure = nil
        if trace.crossings.isEmpty, machine.callCount == 1 { trace.prefix = stability(of: request) }
        remember(request)
        projected = nil
        parser = rendering.dialect.makeParser(isStreamed: isStreamed)
        answerHash = SHA256()
        receivedBytes = 0
        firstByte = nil
    }

    private func stability(of request: ModelRequest) -> TurnTrace.PrefixStability {
        if let isWhole = memory?.isWhole { return isWhole ? .extended : .broken(at: request.prefixBytes) }
        return request.prefixBytes == 0 ? .first : .extended
    }

    /// Keeps the request, to compare the next one with, and what the one before it had.
    private func remember(_ request: ModelRequest) {
        let wasWhole = repeatsTools && (memory?.isWhole ?? (request.prefixBytes > 0))
        let stored = base.head.view.sentTokens
        previousTokens = wasWhole ? memory?.sent.tokens ?? (memory == nil && stored > 0 ? stored : nil) : nil
        memory = RequestMemory(
            body: request.body,
            transcriptEnd: rendering.dialect.opening.readableBytes + rendering.byteCount,
            tools: session.tools,
            sent: SentRequest(entries: transcript.count, tokens: nil, tools: session.tools.fingerprint)
        )
    }

    /// Bytes of the answer came.
    func received(_ bytes: ByteBuffer) throws(SessionError) -> [AnswerPart] {
        if let misuse = machine.refusalOfAnswer { throw refusal(misuse) }
        if firstByte == nil { firstByte = stopwatch.elapsed }
        receivedBytes += bytes.readableBytes
        answerHash.update(bytes)
        do throws(ModelError) {
            return try parser?.append(bytes) ?? []
        } catch {
            throw failed(error)
        }
    }

    /// The answer's bytes are all there.
    func finish() throws(SessionError) -> Answer {
        if let misuse = machine.refusalOfAnswer { throw refusal(misuse) }
        let answer: Answer
        do throws(ModelError) {
            guard let whole = try parser?.finish() else { throw ModelError.truncatedAnswer(receivedBytes: 0) }
            answer = whole
        } catch {
            throw failed(error)
        }
        try fold(answer)
        return answer
    }

    /// A typed answer came: it is counted by its rendered bytes.
    func answered(_ answer: Answer) throws(SessionError) {
        if let misuse = machine.refusalOfAnswer { throw refusal(misuse) }
        let limit = Answer.maximumToolCallCount
        if answer.toolCalls.count > limit { throw failed(.tooManyToolCalls(limit: limit)) }
        if firstByte == nil { firstByte = stopwatch.elapsed }
        try fold(answer)
    }

    private func fold(_ answer: Answer) throws(SessionError) {
        if let word = answer.foreignEntry { throw failed(.malformedAnswer("it holds \(word)")) }
        let wasTyped = receivedBytes == 0
        parser = nil
        let rendered = keep(answer.entries)
        if wasTyped {
            receivedBytes = rendered.readableBytes
            answerHash.update(rendered)
        }
        memory?.counted(answer.usage?.input.totalTokenCount)
        if let misuse = machine.answered(answer, finish: { complete(&$0, usage: answer.usage) }) {
            throw refusal(misuse)
        }
    }

    /// The call failed: another one may be started.
    func failed(_ error: ModelError) -> SessionError {
        parser = nil
        let outcome: Crossing.Outcome = error == .cancelled ? .cancelled : .failed(error.code)
        machine.callFailed(outcome) { complete(&$0) }
        let draft = machine.kept
        let reason: SessionError = error == .cancelled ? .cancelled(draft: draft) : .model(error, draft: draft)
        failure = reason
        return reason
    }

    /// Fills in what is known of a call at its end.
    func complete(_ crossing: inout Crossing, usage: Usage? = nil) {
        if isObserved { crossingStarts.append(callStart) }
        crossing.receivedBytes = receivedBytes
        crossing.answerDigest = receivedBytes > 0 ? Digest(answerHash.finalize()) : nil
        crossing.duration = stopwatch.elapsed - callStart
        crossing.firstByte = firstByte.map { $0 - callStart } ?? .zero
        crossing.usage = usage
        guard let total = usage?.input.totalTokenCount else { return }
        let again = previousTokens.map { min($0, total) } ?? proportion(of: total, in: crossing)
        crossing.sentAgainTokens = again
        crossing.newTokens = total - again
    }

    /// Where the previous request's transcript and tools are not wholly in this one, tokens are told apart as bytes are.
    private func proportion(of tokens: Int, in crossing: Crossing) -> Int {
        guard crossing.requestBytes > 0 else { return 0 }
        return Int((Double(tokens) * Double(crossing.sentAgainBytes) / Double(crossing.requestBytes)).rounded())
    }

    /// Tools returned.
    func toolsReturned(_ outputs: [ToolOutput]) throws(SessionError) {
        if let misuse = machine.toolsReturned(outputs) { throw refusal(misuse) }
        keep(outputs.map { Entry(.toolOutput($0)) })
        projected = nil
    }

    /// The error for a step that is not possible now; the turn is as it was.
    func refusal(_ misuse: TurnStateMachine.Misuse) -> SessionError {
        switch misuse {
        case .callUnderWay: .turnMisused("a call is under way: end its answer first")
        case .noCallUnderWay: .turnMisused("there is no answer: make the call first")
        case .alreadyAnswered: .turnMisused("the turn has its answer: commit it, or abandon the turn")
        case .openToolCalls(let calls): .openToolCalls(calls, draft: machine.kept)
        case .unknownCalls(let ids): .turnMisused("outputs of no open call: \(ids.joined(separator: ", "))")
        case .failed: .turnMisused("the call failed: start another one, or abandon the turn")
        case .ended: .turnMisused("the turn has ended")
        }
    }
}

extension Answer {
    /// The kind of an entry that no model may write; `nil` if there is none.
    ///
    /// A model that writes instructions or prompts would speak in another's name, now and in each later request.
    fileprivate var foreignEntry: String? {
        for entry in entries {
            switch entry.content {
            case .reasoning, .toolCalls, .response: continue
            case .instructions: return "instructions"
            case .prompt: return "a prompt"
            case .toolOutput: return "the output of a tool"
            case .compaction: return "a compaction"
            }
        }
        return nil
    }
}
