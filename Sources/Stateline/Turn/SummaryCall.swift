internal import NIOCore

extension TurnSession {
    /// Makes the call that writes a summary.
    ///
    /// - Parameters:
    ///   - summarizer: The model and its instructions.
    ///   - entries: The entries to summarize.
    ///   - base: The position of the session.
    ///   - timeLeft: The time that the call may take; `nil` for no limit.
    ///   - stopwatch: The stopwatch of the stages.
    /// - Returns: The record of the call, and the entry with the summary or the reason why there is none.
    /// - Complexity: O(*n*) in the size of the entries.
    func summary(
        by summarizer: Summarizer,
        of entries: [Entry],
        at base: Position,
        timeLeft: Duration?,
        stopwatch: Stopwatch
    ) async -> (crossing: Crossing, result: Result<Entry, ModelError>) {
        let request: ModelRequest
        var rendering: Rendering
        (request, rendering) = self.request(by: summarizer, of: entries, timeLeft: timeLeft)
        let crossing = Crossing(
            step: 0,
            route: request.route,
            started: timestamp(),
            sentAgainBytes: 0,
            newBytes: request.newBytes,
            requestDigest: .request(from: base.digest, prefix: 0, rest: request.body),
            outcome: .abandoned
        )
        let secrets = Secrets(headers: request.options.headers.fields)
        let dialect = request.options.headers.isEmpty ? rendering.dialect : rendering.dialect.redacting(secrets)
        var call = TurnStateMachine.Call(
            request,
            crossing: crossing,
            previousTokens: nil,
            parser: dialect.makeParser(isStreamed: false),
            at: stopwatch.lap(.project)
        )
        do throws(ModelError) {
            let answer = try await answer(to: &call, summarizer.model, stopwatch)
            let rendered = rendering.append(answer.entries[...], of: request.transcript)
            let record = call.crossing(of: answer, rendered: rendered, at: stopwatch.lap(.stream))
            guard !answer.text.isEmpty else { return (record, .failure(.malformedAnswer("the summary is empty"))) }
            return (record, .success(Summarizer.compaction(answer.text)))
        } catch {
            let error = Task.isCancelled ? ModelError.cancelled : error
            if let id = error.providerMessage?.requestID { call.requestID = id }
            let outcome: Crossing.Outcome = error == .cancelled ? .cancelled : .failed(error.code)
            return (call.crossing(outcome, at: stopwatch.lap(.stream)), .failure(error))
        }
    }

    /// Projects the entries into a request without tools.
    private func request(
        by summarizer: Summarizer,
        of entries: [Entry],
        timeLeft: Duration?
    ) -> (ModelRequest, Rendering) {
        let plan = summarizer.model.plan(for: CallAttempt())
        let dialect = plan.dialect ?? summarizer.model.dialect
        let transcript = summarizer.transcript(of: entries)
        let options = summarizer.options
        var rendering = Rendering(dialect: dialect)
        rendering.append(restOf: transcript)
        var pieces = [rendering.opening]
        rendering.appendBuffers(to: &pieces)
        pieces.append(
            dialect.closing(CallParameters(model: plan.route.model, options: options, transcript: transcript))
        )
        let request = ModelRequest(
            route: plan.route,
            path: dialect.path(model: plan.route.model, isStreamed: false),
            headers: dialect.headers(isStreamed: false) + options.headers.fields,
            body: GatherList(pieces),
            transcript: transcript,
            options: options,
            timeLimits: configuration.timeLimits,
            timeLeft: timeLeft.map { max($0, .zero) }
        )
        return (request, rendering)
    }

    /// Makes the call, and reads its whole answer.
    private func answer(
        to call: inout TurnStateMachine.Call,
        _ model: any LanguageModel,
        _ stopwatch: Stopwatch
    ) async throws(ModelError) -> Answer {
        let reply = try await self.call(call.request, to: model, stopwatch: stopwatch, lease: nil)
        stopwatch.lap(.firstByte)
        switch reply {
        case .answer(let answer): return answer
        case .bytes(let bytes):
            call.requestID = bytes.requestID
            while !call.isComplete {
                guard let chunk = try await bytes.next() else { break }
                _ = try call.append(chunk, at: stopwatch.elapsed)
            }
            if call.isComplete { await bytes.drain() }
            return try call.finish().answer
        }
    }
}
