extension ModelSession {
    /// Asks the model, runs the tools that it calls, and commits the turn.
    ///
    /// - Parameters:
    ///   - prompt: The user's input.
    ///   - options: The options of generation.
    ///   - key: The idempotency key: the caller's name of this turn, unique in the session, such as a request id. A
    ///     repetition with the same key and prompt returns the stored answer without a model call, in any process, for
    ///     ``SessionConfiguration/turnRetention``; one at the same time waits for the first. `nil` for none. A turn with a
    ///     key takes one more round trip.
    /// - Returns: The answer, once it is committed.
    /// - Throws: ``SessionError``. The session's view and transcript are as they were then, and the ledger shows the calls
    ///   that were made. The error's ``SessionError/draft`` has what the turn had received.
    @discardableResult
    public func respond(
        to prompt: Prompt,
        options: GenerationOptions = GenerationOptions(),
        idempotencyKey key: String? = nil
    ) async throws(SessionError) -> Response<String> {
        let start = TurnStart.prompt(prompt, key: key)
        let runner = TurnRunner(session: self, start: start, options: options, isStreamed: false)
        while let part = try await runner.next() {
            if case .response(let response) = part { return response }
        }
        throw .cancelled()
    }

    /// Asks the model with a text; see ``respond(to:options:idempotencyKey:)-(Prompt,_,_)``.
    @discardableResult
    public func respond(
        to prompt: String,
        options: GenerationOptions = GenerationOptions(),
        idempotencyKey key: String? = nil
    ) async throws(SessionError) -> Response<String> {
        try await respond(to: Prompt(prompt), options: options, idempotencyKey: key)
    }

    /// Asks the model and gives the turn piece by piece; it commits the same entries as ``respond(to:options:idempotencyKey:)-(Prompt,_,_)``.
    ///
    /// - Parameters:
    ///   - prompt: The user's input.
    ///   - options: The options of generation.
    ///   - key: The idempotency key, as for ``respond(to:options:idempotencyKey:)-(Prompt,_,_)``; `nil` for none.
    /// - Returns: The pieces of the turn, which begins when they are asked for.
    public func streamResponse(
        to prompt: Prompt,
        options: GenerationOptions = GenerationOptions(),
        idempotencyKey key: String? = nil
    ) -> ResponseStream<String> {
        ResponseStream(session: self, start: .prompt(prompt, key: key), options: options) { $0 }
    }

    /// Asks the model with a text; see ``streamResponse(to:options:idempotencyKey:)-(Prompt,_,_)``.
    public func streamResponse(
        to prompt: String,
        options: GenerationOptions = GenerationOptions(),
        idempotencyKey key: String? = nil
    ) -> ResponseStream<String> {
        streamResponse(to: Prompt(prompt), options: options, idempotencyKey: key)
    }

    /// Begins a turn with a text; see ``checkout(_:options:isStreamed:)-(Prompt,_,_)``.
    public func checkout(
        _ prompt: String,
        options: GenerationOptions = GenerationOptions(),
        isStreamed: Bool = false
    ) async throws(SessionError) -> Turn {
        try await checkout(Prompt(prompt), options: options, isStreamed: isStreamed)
    }
}
