public import NIOCore

/// A stateless model: it knows only what a request carries.
///
/// `ChatCompletionsModel` of the module `StatelineModels` calls a provider over HTTP; ``FunctionModel`` wraps any
/// function. Implementations hold no state between calls that could change an answer.
public protocol LanguageModel: Sendable {
    /// The wire format of requests and answers.
    var dialect: any Dialect { get }

    /// Where calls go.
    var route: Route { get }

    /// Makes one call.
    ///
    /// The reply's bytes are pulled, so that a slow reader slows the sender down. Dropping the reply, or cancelling the
    /// task, ends the call.
    ///
    /// - Parameters:
    ///   - request: What crosses.
    ///   - stopwatch: Where the model tells when it was connected and when the request was sent.
    /// - Returns: A whole answer, or the bytes of a successful one for the dialect's parser.
    /// - Throws: ``ModelError`` where there is no successful answer.
    func call(_ request: ModelRequest, stopwatch: Stopwatch) async throws(ModelError) -> ModelReply
}

/// What a call brings back.
public enum ModelReply: Sendable {
    /// A whole answer, already typed.
    case answer(Answer)
    /// The bytes of a successful answer.
    case bytes(AnswerBytes)
}

/// The bytes of an answer, pulled one chunk at a time.
public struct AnswerBytes: Sendable {
    private let pull: @Sendable () async throws(ModelError) -> ByteBuffer?

    /// Makes the bytes of a function that gives the next chunk, or `nil` at the end.
    public init(_ pull: @escaping @Sendable () async throws(ModelError) -> ByteBuffer?) {
        self.pull = pull
    }

    /// The next chunk, or `nil` at the end.
    public func next() async throws(ModelError) -> ByteBuffer? {
        try await pull()
    }
}
