/// One thing that a check of a store's server found.
public struct StoreFinding: Hashable, Sendable {
    /// How much it matters.
    public enum Severity: String, Hashable, Sendable {
        /// As it should be, or a figure to know.
        case fine
        /// Works, and could be better.
        case advice
        /// Sessions may be lost or seen by others.
        case warning
        /// Sessions cannot be kept here.
        case problem
    }

    /// How much it matters.
    public let severity: Severity
    /// What was looked at, such as `version`.
    public let subject: String
    /// What was found.
    public let found: String
    /// What to change, and why; empty where nothing is to be changed.
    public let advice: String

    /// Makes a finding.
    public init(_ severity: Severity, _ subject: String, _ found: String, advice: String = "") {
        self.severity = severity
        self.subject = subject
        self.found = found
        self.advice = advice
    }
}
