extension ModelSession {
    /// Asks the model, runs the tools that it calls, and commits the turn.
    ///
    /// - Parameters:
    ///   - prompt: The user's input.
    ///   - options: The options of generation.
    /// - Returns: The answer, once it is committed.
    /// - Throws: ``SessionError``. The session's view and transcript are as they were then, and the ledger shows the calls
    ///   that were made. The error's ``SessionError/draft`` has what the turn had received.
    @discardableResult
    public func respond(
        to prompt: Prompt,
        options: GenerationOptions = GenerationOptions()
    ) async throws(SessionError) -> Response<String> {
        let runner = TurnRunner(session: self, prompt: prompt, options: options, isStreamed: false)
        while let part = try await runner.next() {
            if case .response(let response) = part { return response }
        }
        throw .cancelled()
    }

    /// Asks the model with a text; see ``respond(to:options:)-(Prompt,_)``.
    @discardableResult
    public func respond(
        to prompt: String,
        options: GenerationOptions = GenerationOptions()
    ) async throws(SessionError) -> Response<String> {
        try await respond(to: Prompt(prompt), options: options)
    }

    /// Asks the model and gives the turn piece by piece; it commits the same entries as ``respond(to:options:)-(Prompt,_)``.
    ///
    /// - Parameters:
    ///   - prompt: The user's input.
    ///   - options: The options of generation.
    /// - Returns: The pieces of the turn, which begins when they are asked for.
    public func streamResponse(
        to prompt: Prompt,
        options: GenerationOptions = GenerationOptions()
    ) -> ResponseStream<String> {
        ResponseStream(session: self, prompt: prompt, options: options) { $0 }
    }

    /// Asks the model with a text; see ``streamResponse(to:options:)-(Prompt,_)``.
    public func streamResponse(
        to prompt: String,
        options: GenerationOptions = GenerationOptions()
    ) -> ResponseStream<String> {
        streamResponse(to: Prompt(prompt), options: options)
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
