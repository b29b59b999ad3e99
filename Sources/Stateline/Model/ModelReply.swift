public import NIOCore

/// The result of a call.
public enum ModelReply: Sendable {
    /// A whole answer, already typed.
    case answer(Answer)
    /// The bytes of a successful answer.
    case bytes(AnswerBytes)
}

/// The bytes of an answer, pulled one chunk at a time.
public struct AnswerBytes: Sendable {
    /// The provider's name of the request, for the ledger; `nil` if it gives none.
    public let requestID: String?

    private let pull: @Sendable () async throws(ModelError) -> ByteBuffer?
    private let pullRest: (@Sendable () async -> Void)?
    private let hurry: (@Sendable () -> Void)?
    private let calm: (@Sendable () -> Void)?

    /// Makes the bytes of an answer.
    ///
    /// - Parameters:
    ///   - requestID: The provider's name of the request.
    ///   - pull: Returns the next chunk, or `nil` at the end.
    ///   - contentEnded: Receives the event that the content of the answer has ended, at most once. The transport then
    ///     waits for a short time for what may follow, such as token counts, and gives the end after it.
    ///   - contentResumed: Receives the event that more content came behind its end, at most once. The transport then
    ///     waits as it did before the end: some servers give a reason to stop with each piece.
    ///   - drain: Lets the connection come to the end of the body after the answer itself has ended, in a bounded time.
    ///     A transport that keeps connections needs it to use the connection again.
    public init(
        requestID: String? = nil,
        _ pull: @escaping @Sendable () async throws(ModelError) -> ByteBuffer?,
        contentEnded: (@Sendable () -> Void)? = nil,
        contentResumed: (@Sendable () -> Void)? = nil,
        drain: (@Sendable () async -> Void)? = nil
    ) {
        self.requestID = requestID
        self.pull = pull
        self.pullRest = drain
        self.hurry = contentEnded
        self.calm = contentResumed
    }

    /// Returns the next chunk, or `nil` at the end.
    public func next() async throws(ModelError) -> ByteBuffer? {
        try await pull()
    }

    /// Tells the transport that the content of the answer has ended: see ``AnswerParser/hasEnded``.
    public func contentEnded() {
        hurry?()
    }

    /// Tells the transport that more content came behind its end.
    public func contentResumed() {
        calm?()
    }

    /// Passes over what follows a complete answer, such as the end of the body.
    public func drain() async {
        await pullRest?()
    }
}
