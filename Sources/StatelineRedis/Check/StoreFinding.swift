/// One finding of a check of a store's servers.
public struct StoreFinding: Hashable, Sendable {
    /// The importance of a finding.
    public enum Severity: String, Hashable, Sendable {
        /// Good, or a figure to know.
        case fine
        /// The check was not made, because this user may not read what it needs, or a server gave no answer.
        case unchecked
        /// An improvement is possible.
        case advice
        /// Sessions may be lost or exposed.
        case warning
        /// The server is not fit for sessions.
        case problem
    }

    /// The importance.
    public let severity: Severity
    /// The subject of the check, such as `version`.
    public let subject: String
    /// The result.
    public let found: String
    /// The advised change and its reason; empty for none.
    public let advice: String

    /// Makes a finding.
    public init(_ severity: Severity, _ subject: String, _ found: String, advice: String = "") {
        self.severity = severity
        self.subject = subject
        self.found = found
        self.advice = advice
    }
}
