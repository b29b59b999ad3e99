/// The record of one stateless call of a turn: the bytes and tokens that crossed the boundary, and the times.
///
/// As stored, counts and times are at least zero, times are whole nanoseconds, and the texts of the route and of the
/// outcome are cut to the lengths that ``Route`` names.
///
/// In JSON names are in snake case (`sent_again_bytes`, `request_digest`), times are `first_byte_nanoseconds` and
/// `duration_nanoseconds`, and an outcome is an object with the `kind` `answered` and a `finish_reason`, `incomplete` or
/// `failed` and a `code`, `cancelled` or `abandoned`. Members without a value are left out.
public struct Crossing: Hashable, Sendable {
    /// The outcome of a call.
    @nonexhaustive
    public enum Outcome: Hashable, Sendable {
        /// The answer is whole.
        case answered(FinishReason)
        /// The answer broke off, and its text so far was kept; the text is the ``ModelError/code`` of the reason.
        case incomplete(String)
        /// The call failed; the text is a ``ModelError/code``, never a message.
        case failed(String)
        /// The task was cancelled.
        case cancelled
        /// The turn was abandoned, or dropped.
        case abandoned
    }

    /// The number of the call within its turn, from 0.
    public let step: Int
    /// The route of the call.
    public let route: Route
    /// The time of the call, by this machine's clock: for people, never for order.
    public let started: Timestamp
    /// Bytes of the request that the session's previous request had too: ``prefixBytes``, and the declaration of the
    /// tools if it is the same.
    public let sentAgainBytes: Int
    /// Bytes of the request that the previous one did not have.
    public let newBytes: Int
    /// The digest of the log that the request was made from, the length of the prefix, and the bytes after it.
    public let requestDigest: Digest
    /// Bytes of ``sentAgainBytes`` that declare tools and follow new bytes.
    public internal(set) var repeatedToolBytes = 0
    /// Input tokens that the previous request had too.
    public internal(set) var sentAgainTokens: Int?
    /// Input tokens that the previous request did not have.
    public internal(set) var newTokens: Int?
    /// Bytes of the answer.
    public internal(set) var receivedBytes = 0
    /// The digest of the answer's bytes; `nil` if there was no answer.
    public internal(set) var answerDigest: Digest?
    /// The provider's name of the request, to be given to its support; `nil` if it gave none.
    public internal(set) var requestID: String?
    /// The provider's token counts; `nil` if it gave none.
    public internal(set) var usage: Usage?
    /// The cost of the call in millionths of a unit, by ``SessionConfiguration/pricing``; `nil` if it is not known.
    public internal(set) var cost: Int?
    /// Time from the call to the first byte of its answer.
    public internal(set) var firstByte: Duration = .zero
    /// Time from the call to the end of its answer.
    public internal(set) var duration: Duration = .zero
    /// The outcome.
    public internal(set) var outcome: Outcome
    /// Fields that a newer writer added.
    public internal(set) var extensions: [FormatExtension] {
        get { storedExtensions ?? [] }
        set { storedExtensions = newValue.isEmpty ? nil : newValue }
    }
    private(set) var storedExtensions: [FormatExtension]?

    /// Leading bytes of the request that are a prefix of the session's previous request: those that a provider's prefix
    /// cache can read.
    public var prefixBytes: Int { sentAgainBytes - repeatedToolBytes }
    /// All bytes of the request.
    public var requestBytes: Int { sentAgainBytes + newBytes }
}

extension Crossing.Outcome {
    /// `true` if the call brought an answer that was kept, whole or not.
    var hasAnswer: Bool {
        switch self {
        case .answered, .incomplete: true
        case .failed, .cancelled, .abandoned: false
        }
    }
    /// The reason why the answer stopped; `nil` without one.
    var finishReason: FinishReason? {
        switch self {
        case .answered(let reason): reason
        case .incomplete: .incomplete
        case .failed, .cancelled, .abandoned: nil
        }
    }
}
