/// A setting that a session has and its opener may give.
@nonexhaustive
public enum SessionSetting: String, Hashable, Sendable, Codable {
    /// The instructions that the view begins with.
    case instructions
    /// The tools that were recorded.
    case tools
}
