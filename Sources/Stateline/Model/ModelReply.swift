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
    private let pull: @Sendable () async throws(ModelError) -> ByteBuffer?
    private let pullRest: (@Sendable () async -> Void)?

    /// Makes the bytes of an answer.
    ///
    /// - Parameters:
    ///   - pull: Returns the next chunk, or `nil` at the end.
    ///   - drain: Lets the connection come to the end of the body after the answer itself has ended, in a bounded time. A
    ///     transport that keeps connections needs it to use the connection again.
    public init(
        _ pull: @escaping @Sendable () async throws(ModelError) -> ByteBuffer?,
        drain: (@Sendable () async -> Void)? = nil
    ) {
        self.pull = pull
        self.pullRest = drain
    }

    /// Returns the next chunk, or `nil` at the end.
    public func next() async throws(ModelError) -> ByteBuffer? {
        try await pull()
    }

    /// Passes over what follows a complete answer, such as the end of the body.
    public func drain() async {
        await pullRest?()
    }
}
