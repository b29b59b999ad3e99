/// A function that a model may ask for.
///
/// ```swift
/// struct Weather: Tool {
///     struct Arguments: Decodable, Sendable { let city: String }
///
///     let name = "weather"
///     let description = "Looks up the weather."
///     let parameters = JSONSchema.object(["city": .string()], required: ["city"])
///
///     func call(arguments: Arguments, context: ToolContext) async throws -> String { "Sunny in \(arguments.city)." }
/// }
/// ```
///
/// The shape is that of Apple's Foundation Models. A tool whose `Arguments` are ``JSON`` gets the model's text as it is;
/// ``JSONTool`` wraps a function of that kind.
public protocol Tool: Sendable {
    /// The arguments that the model has to give; ``JSON`` for any.
    associatedtype Arguments: Decodable & Sendable
    /// The result of a call: `String`, `[Part]`, ``JSON`` or ``ToolResult``.
    associatedtype Output: ToolResultConvertible

    /// The name that the model calls the tool by, unique among the tools of a session.
    var name: String { get }
    /// The purpose of the tool, for the model.
    var description: String { get }
    /// The form of the arguments, for the model.
    var parameters: JSONSchema { get }
    /// `true` if a call may be repeated without harm; `false` by default.
    var isIdempotent: Bool { get }
    /// The permissions that the session must have for a call; none by default.
    ///
    /// A call without one of them is refused: the tool does not run, the model reads the reason, and the output that is
    /// committed has a ``ToolOutput/denial``.
    var requiredPermissions: Set<Permission> { get }
    /// The time that a call may take, one minute by default; no call holds a turn for longer.
    var timeout: Duration { get }

    /// Returns `true` if somebody has to approve a call before the tool runs; `false` by default.
    ///
    /// The turn waits for the decision: ``ModelSession/resume(answering:options:)`` gives it, in any process.
    func needsApproval(of call: ToolCall, in context: ToolContext) -> Bool

    /// Does the work.
    ///
    /// Calls that a model asks for at once run concurrently. If the turn is cancelled or the call takes too long, its task
    /// is cancelled.
    ///
    /// - Parameters:
    ///   - arguments: The arguments of the call.
    ///   - context: The session, the turn, the call, the principal with its permissions, and the session's values.
    /// - Returns: The output for the model. A result may say that it is an error.
    /// - Throws: Any error. ``SessionConfiguration/toolFailures`` says what becomes of it.
    func call(arguments: Arguments, context: ToolContext) async throws -> Output
}

extension Tool {
    /// `false`: a call is not to be repeated.
    public var isIdempotent: Bool { false }
    /// `false`: each call may run.
    public func needsApproval(of call: ToolCall, in context: ToolContext) -> Bool { false }
    /// None.
    public var requiredPermissions: Set<Permission> { [] }
    /// One minute.
    public var timeout: Duration { .seconds(60) }

    /// The tool as it is declared to the model.
    public var definition: ToolDefinition {
        ToolDefinition(name: name, description: description, parameters: parameters)
    }
}
