/// A turn, piece by piece.
///
/// Each iteration is a turn of its own. It begins when the sequence is iterated, and is committed before the last piece,
/// ``ResponsePart/response(_:)``. An iterator that is dropped before that abandons the turn.
public struct ResponseStream<Content: Sendable>: AsyncSequence, Sendable {
    /// A piece of the turn.
    public typealias Element = ResponsePart<Content>
    /// The reason why the turn came to nothing.
    public typealias Failure = SessionError

    let session: ModelSession
    let start: TurnStart
    let options: GenerationOptions
    /// Makes the content of the answer's text.
    let read: @Sendable (String) -> Content

    /// Makes an iterator, whose first `next()` begins the turn.
    public func makeAsyncIterator() -> Iterator {
        Iterator(
            runner: TurnRunner(session: session, start: start, options: options, isStreamed: true),
            read: read
        )
    }

    /// Runs the turn to its end.
    ///
    /// - Returns: The response.
    /// - Throws: ``SessionError``.
    public func collect() async throws(SessionError) -> Response<Content> {
        let iterator = makeAsyncIterator()
        while let part = try await iterator.runner.next() {
            if case .response(let response) = part { return response.with(read(response.content)) }
        }
        throw .cancelled()
    }

    /// An iterator that drives the turn: nothing happens between two calls of `next()`.
    public struct Iterator: AsyncIteratorProtocol {
        let runner: TurnRunner
        let read: @Sendable (String) -> Content

        /// Returns the next piece, or `nil` after the last one.
        public mutating func next() async throws(SessionError) -> ResponsePart<Content>? {
            try await runner.next()?.with(read)
        }

        /// Returns the next piece, or `nil` after the last one.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(SessionError) -> ResponsePart<Content>? {
            try await runner.next()?.with(read)
        }
    }
}
