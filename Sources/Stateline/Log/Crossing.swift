/// One stateless call that was made for a turn: what crossed the line, and what it cost.
///
/// As stored, counts and times are not below zero, times are whole nanoseconds, and the texts of the route and of the
/// outcome are cut to the lengths that ``Route`` names.
public struct Crossing: Hashable, Sendable {
    /// How a call ended.
    @nonexhaustive
    public enum Outcome: Hashable, Sendable {
        /// With a whole answer.
        case answered(FinishReason)
        /// With an error; the text is a ``ModelError/code``, never a message.
        case failed(String)
        /// The task was cancelled.
        case cancelled
        /// The turn was abandoned, or dropped.
        case abandoned
    }

    /// The place of the call within its turn, from 0.
    public let step: Int
    /// Where the call went.
    public let route: Route
    /// When it was made, by this machine's clock: for people, never for order.
    public let started: Timestamp
    /// Bytes of the request that the session's previous request had too: ``prefixBytes``, and the declaration of the
    /// tools if it is the same.
    public let sentAgainBytes: Int
    /// Bytes of the request that the previous one did not have.
    public let newBytes: Int
    /// The digest of the log the request was made from, of the length of the prefix, and of the bytes after it.
    public let requestDigest: Digest
    /// Bytes of ``sentAgainBytes`` that declare tools and stand after bytes that are new.
    public internal(set) var repeatedToolBytes = 0
    /// Input tokens that the previous request had too.
    public internal(set) var sentAgainTokens: Int?
    /// Input tokens that the previous request did not have.
    public internal(set) var newTokens: Int?
    /// Bytes of the answer.
    public internal(set) var receivedBytes = 0
    /// The digest of the answer's bytes; `nil` where there was none.
    public internal(set) var answerDigest: Digest?
    /// What the provider counted; `nil` where it did not.
    public internal(set) var usage: Usage?
    /// Time from the call to the first byte of its answer.
    public internal(set) var firstByte: Duration = .zero
    /// Time from the call to the end of its answer.
    public internal(set) var duration: Duration = .zero
    /// How it ended.
    public internal(set) var outcome: Outcome
    /// Fields that a newer writer added.
    public internal(set) var extensions: [FormatExtension] {
        get { storedExtensions ?? [] }
        set { storedExtensions = newValue.isEmpty ? nil : newValue }
    }
    private(set) var storedExtensions: [FormatExtension]?

    /// Leading bytes of the request that are a prefix of the session's previous request: what a provider's prefix cache
    /// can read.
    public var prefixBytes: Int { sentAgainBytes - repeatedToolBytes }
    /// All bytes of the request.
    public var requestBytes: Int { sentAgainBytes + newBytes }
}
