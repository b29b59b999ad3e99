/// The record of a compaction: what it did to the request's beginning, and what it saves.
///
/// In JSON names are in snake case (`tokens_before`).
public struct Compaction: Hashable, Sendable {
    /// The cause of a compaction.
    @nonexhaustive
    public enum Trigger: String, Hashable, Sendable, Codable {
        /// ``ModelSession/compact(with:target:)``.
        case requested
        /// The next request would have been too large.
        case beforeCall = "before_call"
        /// The provider refused a request as too large.
        case sizeExceeded = "size_exceeded"
    }

    /// The cause.
    public let trigger: Trigger
    /// The names of the strategies whose plans were used, in order; see ``ContextStrategy/name``.
    public let strategies: [String]
    /// The revision of the view batch; `nil` if only the calls of the turn under way are affected.
    public let revision: Revision?
    /// The revision before: ``ModelSession/rewind(to:)`` it to have the entries in the view again.
    public let previousRevision: Revision
    /// Tokens of the next request before, counted or estimated; see ``ContextSize``.
    public let tokensBefore: Int
    /// Tokens of the next request after, estimated.
    public let tokensAfter: Int
    /// The number of entries in the view before, those of the turn under way included.
    public let entriesBefore: Int
    /// The number of entries in the view after.
    public let entriesAfter: Int
    /// Bytes of the transcript part of the next request before.
    public let bytesBefore: Int
    /// Bytes of the transcript part of the next request after.
    public let bytesAfter: Int
    /// Leading bytes of the request that stay as they were, so that a provider's prefix cache can read them.
    public let keptPrefixBytes: Int
    /// The number of outputs of the turn under way that are shortened in its calls; it commits them whole.
    public let shortenedOutputs: Int
    /// The calls that wrote summaries; they are in the ledger.
    public let crossings: [Crossing]

    /// Tokens that each later request saves, estimated.
    public var savedTokens: Int { tokensBefore - tokensAfter }
}

extension Compaction: Codable {
    private enum CodingKeys: String, CodingKey {
        case trigger, strategies, revision, crossings
        case previousRevision = "previous_revision"
        case tokensBefore = "tokens_before"
        case tokensAfter = "tokens_after"
        case entriesBefore = "entries_before"
        case entriesAfter = "entries_after"
        case bytesBefore = "bytes_before"
        case bytesAfter = "bytes_after"
        case keptPrefixBytes = "kept_prefix_bytes"
        case shortenedOutputs = "shortened_outputs"
    }
}
