/// The reason why a tool gave no output.
@nonexhaustive
public enum ToolError: Error, Hashable, Sendable {
    /// The model asked for a tool that the session does not have.
    case unknownTool(name: String)
    /// The arguments are not JSON, or do not fit the tool's parameters.
    case invalidArguments(tool: String, description: String)
    /// The tool threw.
    case failed(tool: String, description: String)
    /// The tool did not return within its ``Tool/timeout``.
    case timedOut(tool: String, after: Duration)
    /// The output comes later, from outside: the turn waits for it.
    ///
    /// A tool throws it once it has started what gives the output. ``ModelSession/resume(answering:options:)`` takes the
    /// output, in any process.
    case awaitsEvent
    /// The session lacks permissions that the tool requires: it did not run.
    case notPermitted(tool: String, missing: [Permission])
    /// Two tools of a session have the same name.
    case duplicateName(String)
}

extension ToolError: CustomStringConvertible {
    /// The cause, in one line.
    public var description: String {
        switch self {
        case .unknownTool(let name): "the model called \(name.debugDescription), which is not a tool of this session"
        case .invalidArguments(let tool, let text): "the model's arguments for \(tool) are not valid: \(text)"
        case .failed(let tool, let text): "the tool \(tool) failed: \(text)"
        case .timedOut(let tool, let limit): "the tool \(tool) did not return within \(limit)"
        case .awaitsEvent: "the output of the tool comes later"
        case .notPermitted(let tool, let missing):
            "the call of \(tool) was refused: the session lacks the permission\(missing.count == 1 ? "" : "s") "
                + missing.map(\.rawValue).joined(separator: ", ")
        case .duplicateName(let name): "two tools are named \(name.debugDescription): give each tool its own name"
        }
    }
}
