extension ModelSession {
    /// Asks the model, runs the tools it calls, and commits the turn.
    ///
    /// - Parameters:
    ///   - prompt: What the user says.
    ///   - options: How to generate.
    /// - Returns: The answer, once it is committed.
    /// - Throws: ``SessionError``. Whatever it is, the session's view and transcript are as they were, and the ledger
    ///   shows the calls that were made. What the turn had received is the error's ``SessionError/draft``.
    @discardableResult
    public func respond(
        to prompt: Prompt,
        options: GenerationOptions = GenerationOptions()
    ) async throws(SessionError) -> Response {
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
    ) async throws(SessionError) -> Response {
        try await respond(to: Prompt(prompt), options: options)
    }

    /// Asks the model and gives the turn piece by piece; it commits the same entries as ``respond(to:options:)-(Prompt,_)``.
    ///
    /// The turn begins when the sequence is iterated, and is committed before the last piece,
    /// ``ResponsePart/response(_:)``, is given. An iterator that is dropped before that abandons the turn.
    public func streamResponse(
        to prompt: Prompt,
        options: GenerationOptions = GenerationOptions()
    ) -> ResponseStream {
        ResponseStream(session: self, prompt: prompt, options: options)
    }

    /// Asks the model with a text; see ``streamResponse(to:options:)-(Prompt,_)``.
    public func streamResponse(
        to prompt: String,
        options: GenerationOptions = GenerationOptions()
    ) -> ResponseStream {
        streamResponse(to: Prompt(prompt), options: options)
    }
}

/// A turn, piece by piece.
///
/// Each iteration is a turn of its own.
public struct ResponseStream: AsyncSequence, Sendable {
    /// A piece of the turn.
    public typealias Element = ResponsePart
    /// Why the turn came to nothing.
    public typealias Failure = SessionError

    let session: ModelSession
    let prompt: Prompt
    let options: GenerationOptions

    /// Begins the turn, with the first call of `next()`.
    public func makeAsyncIterator() -> Iterator {
        Iterator(runner: TurnRunner(session: session, prompt: prompt, options: options, isStreamed: true))
    }

    /// Runs the turn to its end, and gives what it gave.
    public func collect() async throws(SessionError) -> Response {
        let iterator = makeAsyncIterator()
        while let part = try await iterator.runner.next() {
            if case .response(let response) = part { return response }
        }
        throw .cancelled()
    }

    /// Pulls the turn forward: nothing happens between two calls of `next()`.
    public struct Iterator: AsyncIteratorProtocol {
        let runner: TurnRunner

        /// The next piece, or `nil` after the last one.
        public mutating func next() async throws(SessionError) -> ResponsePart? {
            try await runner.next()
        }

        /// The next piece, or `nil` after the last one.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(SessionError) -> ResponsePart? {
            try await runner.next()
        }
    }
}
