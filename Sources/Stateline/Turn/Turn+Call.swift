internal import NIOCore

extension Turn {
    /// Projects the session and the draft into the request of the next call.
    ///
    /// - Complexity: O(log *n*) in the size of the history, which is neither rendered nor hashed nor copied.
    mutating func project() -> ModelRequest {
        if let projected { return projected.request }
        let route = plan()
        let dialect = rendering.dialect
        let options = attempt.step > 0 ? options.afterFirstAnswer() : options
        let call = CallParameters(
            model: route.model,
            options: options,
            isStreamed: isStreamed,
            tools: session.toolbox.definitions,
            transcript: transcript
        )
        let closing = dialect.closing(call)
        let body = body(closing: closing)
        let prefixBytes = memory?.commonPrefix(with: body) ?? storedPrefix
        let request = ModelRequest(
            route: route,
            path: dialect.path(model: route.model, isStreamed: isStreamed),
            headers: headers(of: dialect),
            body: body,
            transcript: transcript,
            tools: call.tools,
            options: options,
            isStreamed: isStreamed,
            timeLimits: session.configuration.timeLimits,
            timeLeft: timeLeft.map { max($0, .zero) },
            sentAgainBytes: prefixBytes + repeatedToolBytes(after: prefixBytes),
            prefixBytes: prefixBytes
        )
        projected = (request, stopwatch.lap(.project))
        return request
    }

    /// Returns the headers of the dialect, then those of the options, which replace them.
    private func headers(of dialect: any Dialect) -> [(name: String, value: String)] {
        let headers = dialect.headers(isStreamed: isStreamed)
        return options.headers.isEmpty ? headers : headers + options.headers.fields
    }

    /// Collects the pieces of a request's body.
    private func body(closing: ByteBuffer) -> GatherList {
        var pieces: [ByteBuffer] = []
        pieces.reserveCapacity(rendering.chunkCount + 3)
        pieces.append(rendering.opening)
        rendering.appendBuffers(to: &pieces)
        if tools.isDeclared { pieces.append(tools.bytes) }
        pieces.append(closing)
        return GatherList(pieces)
    }

    /// The number of bytes that a session that was just opened had sent before: whole entries, by its head.
    private var storedPrefix: Int {
        let sent = origin.head.view.sentEntries
        guard hasOwnFormat, sent > 0, let bytes = origin.rendering.byteOffset(ofEntry: sent) else { return 0 }
        return origin.rendering.opening.readableBytes + bytes
    }

    /// A Boolean value that indicates whether the session's previous request declared the same tools, or like this one
    /// none.
    ///
    /// - Complexity: O(1) on the handle that sent the previous request, whose declaration has the same storage.
    private var repeatsTools: Bool {
        // Of the memory, only the tools are copied.
        if let declared = memory?.tools.bytes { return declared == tools.bytes }
        return origin.head.view.sentTools == tools.fingerprint
    }

    /// Counts the bytes of the declaration of tools that the previous request had too.
    ///
    /// - Parameter prefixBytes: The bytes that both requests have in common at their beginning.
    /// - Returns: The bytes after those; 0 if the tools are not the same.
    private func repeatedToolBytes(after prefixBytes: Int) -> Int {
        guard tools.isDeclared, repeatsTools else { return 0 }
        let start = rendering.end
        return max(0, start + tools.bytes.readableBytes - max(start, prefixBytes))
    }

    /// Starts the call of a runtime that appends an answer without ``start(route:)``.
    ///
    /// The call began when its request was read; the time since then was spent waiting for the answer.
    mutating func startIfNeeded() throws(SessionError) {
        guard machine.awaitsCall else { return }
        _ = project()
        stopwatch.lap(.firstByte)
        try startCall(route: nil, at: projected?.time)
    }

    /// Starts a call with the projected request.
    ///
    /// - Parameters:
    ///   - route: The route of the request; `nil` for the route of the session's model.
    ///   - start: The time from the beginning of the turn to the call; `nil` for now.
    /// - Throws: ``SessionError``: openToolCalls or turnMisused.
    mutating func startCall(route: Route?, at start: Duration?) throws(SessionError) {
        if let misuse = machine.refusalOfCall { throw refusal(misuse) }
        let request = project()
        var crossing = Crossing(
            step: machine.callCount,
            route: route ?? request.route,
            started: session.timestamp(),
            sentAgainBytes: request.sentAgainBytes,
            newBytes: request.newBytes,
            requestDigest: .request(
                from: origin.position.digest,
                prefix: request.prefixBytes,
                rest: ByteCursor(request.body, at: request.prefixBytes).remainder
            ),
            outcome: .abandoned
        )
        crossing.repeatedToolBytes = request.sentAgainBytes - request.prefixBytes
        if machine.callCount == 0 { trace.prefix = stability(of: request) }
        let previousTokens = remember(request)
        let parser = parsingDialect.makeParser(isStreamed: isStreamed)
        let start = start ?? stopwatch.lap(.project)
        if isObserved { callStarts.append(start) }
        let call = TurnStateMachine.Call(
            request,
            crossing: crossing,
            previousTokens: previousTokens,
            parser: parser,
            at: start
        )
        if let misuse = machine.callStarted(call) { throw refusal(misuse) }
        failure = nil
        projected = nil
    }

    /// The dialect of the answer: its errors do not hold the values of the request's own headers.
    private var parsingDialect: any Dialect {
        guard !options.headers.isEmpty else { return rendering.dialect }
        return rendering.dialect.redacting(Secrets(headers: options.headers.fields))
    }

    private func stability(of request: ModelRequest) -> TurnTrace.PrefixStability {
        if let isWhole = memory?.isWhole { return isWhole ? .extended : .broken(at: request.prefixBytes) }
        return request.prefixBytes == 0 ? .first : .extended
    }

    /// Keeps the request, to compare the next one with.
    ///
    /// - Returns: The input tokens of the request before it, if all of that is in this one and the provider counted them.
    private mutating func remember(_ request: ModelRequest) -> Int? {
        let wasWhole = repeatsTools && (memory?.isWhole ?? (request.prefixBytes > 0))
        let stored = origin.head.view.sentTokens
        let tokens = wasWhole ? memory?.sent.tokens ?? (memory == nil && stored > 0 ? stored : nil) : nil
        memory = RequestMemory(
            body: request.body,
            transcriptEnd: rendering.end,
            tools: tools,
            sent: SentRequest(entries: transcript.count, tokens: nil, tools: tools.fingerprint)
        )
        return tokens
    }

    /// Takes an answer into the draft and its view: its entries are rendered here, once.
    mutating func fold(_ answer: Answer, at now: Duration) throws(SessionError) {
        do throws(ModelError) { try answer.check() } catch { throw callFailed(error) }
        let rendered = rendering.append(answer.entries[...], of: transcript)
        memory?.counted(answer.usage?.input.totalTokenCount)
        if let meter = session.meter { count(answer, with: meter) }
        if let misuse = machine.answered(answer, rendered: rendered, at: now) { throw refusal(misuse) }
        price()
        // After the machine has let go of the request, which shares the transcript's storage.
        transcript.append(contentsOf: answer.entries)
        attempt = CallAttempt(step: attempt.step + 1)
    }

    /// Takes the text of an answer that broke off into the draft and its view, if the session's policy is to keep it.
    ///
    /// - Returns: The answer, which is the turn's last one; `nil` if there is none.
    mutating func keepBrokenAnswer() -> BrokenAnswer? {
        guard session.configuration.incompleteAnswers == .keepIncomplete, let broken = machine.brokenAnswerKept() else {
            return nil
        }
        price()
        rendering.append(broken.answer.entries[...], of: transcript)
        memory?.counted(broken.answer.usage?.input.totalTokenCount)
        transcript.append(contentsOf: broken.answer.entries)
        attempt = CallAttempt(step: attempt.step + 1)
        failure = nil
        return broken
    }

    /// Records that the call failed, and returns the error; another call may be started.
    mutating func callFailed(_ error: ModelError) -> SessionError {
        if let id = error.providerMessage?.requestID { machine.requestNamed(id) }
        machine.callFailed(error == .cancelled ? .cancelled : .failed(error.code), at: stopwatch.elapsed)
        return explain(error)
    }

    /// Returns the error for an input that brought nothing.
    mutating func failed(_ failure: TurnStateMachine.Failure) -> SessionError {
        switch failure {
        case .misuse(let misuse): refusal(misuse)
        case .model(let error): explain(error)
        }
    }

    private mutating func explain(_ error: ModelError) -> SessionError {
        attempt = CallAttempt(step: attempt.step, number: attempt.number + 1, previousError: error)
        let draft = machine.kept
        let reason: SessionError = error == .cancelled ? .cancelled(draft: draft) : .model(error, draft: draft)
        failure = reason
        return reason
    }

    /// Returns the error for a step that is not possible now; the turn is as it was.
    func refusal(_ misuse: TurnStateMachine.Misuse) -> SessionError {
        let draft = machine.kept
        return switch misuse {
        case .callUnderWay: .turnMisused("a call is under way: end its answer first", draft: draft)
        case .noCallUnderWay: .turnMisused("there is no answer: make the call first", draft: draft)
        case .alreadyAnswered: .turnMisused("the turn has its answer: commit it, or abandon the turn", draft: draft)
        case .openToolCalls(let calls): .openToolCalls(calls, draft: draft)
        case .unknownCalls(let ids):
            .turnMisused("no open call has these ids: \(ids.joined(separator: ", "))", draft: draft)
        case .failed: .turnMisused("the call failed: start another one, or abandon the turn", draft: draft)
        case .ended: .turnMisused("the turn has ended: begin another one", draft: draft)
        }
    }
}

extension Answer {
    /// Checks that the answer holds nothing that no model may write, and not too many tool calls.
    ///
    /// A model that writes instructions or prompts would speak in another's name, now and in each later request.
    ///
    /// - Throws: ``ModelError/malformedAnswer(_:)`` or ``ModelError/tooManyToolCalls(limit:)``.
    fileprivate func check() throws(ModelError) {
        let limit = Self.maximumToolCallCount
        var callCount = 0
        for entry in entries {
            switch entry.content {
            case .reasoning, .response: continue
            case .toolCalls(let calls): callCount += calls.count
            case .instructions: throw .malformedAnswer("it holds instructions")
            case .prompt: throw .malformedAnswer("it holds a prompt")
            case .toolOutput: throw .malformedAnswer("it holds the output of a tool")
            case .compaction: throw .malformedAnswer("it holds a compaction")
            }
        }
        guard callCount <= limit else { throw .tooManyToolCalls(limit: limit) }
    }
}
