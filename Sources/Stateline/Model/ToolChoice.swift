/// The tools that a model may or must call.
@nonexhaustive
public enum ToolChoice: Hashable, Sendable {
    /// The model decides.
    case automatic
    /// The model calls no tool.
    case noTool
    /// The model calls at least one tool.
    case required
    /// The model calls the tool of this name.
    case tool(String)
}
