/// The effort that a reasoning model spends before it answers, in the provider's words.
public struct ReasoningEffort: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
    /// The provider's word.
    public let rawValue: String

    /// Makes an effort of a provider's word.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Makes an effort of a literal.
    public init(stringLiteral value: String) {
        self.rawValue = value
    }

    /// As little as the model can.
    public static let minimal: ReasoningEffort = "minimal"
    /// Little.
    public static let low: ReasoningEffort = "low"
    /// The usual.
    public static let medium: ReasoningEffort = "medium"
    /// Much.
    public static let high: ReasoningEffort = "high"
}
