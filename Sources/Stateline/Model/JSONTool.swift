/// A tool that is known at run time only: a definition, and a function from JSON to a result.
///
/// Bridges to tools of other systems, such as a server of the Model Context Protocol, make these.
///
/// ```swift
/// let tool = JSONTool(definition) { arguments, context in
///     try await server.callTool(definition.name, arguments: arguments.text)
/// }
/// ```
public struct JSONTool: Tool {
    /// The tool as it is declared to the model.
    public let definition: ToolDefinition
    /// `true` if a call may be repeated without harm.
    public let isIdempotent: Bool
    /// The permissions that the session must have for a call.
    public let requiredPermissions: Set<Permission>
    /// The time that a call may take.
    public let timeout: Duration

    private let work: @Sendable (JSON, ToolContext) async throws -> ToolResult

    /// The name that the model calls the tool by.
    public var name: String { definition.name }
    /// The purpose of the tool.
    public var description: String { definition.description }
    /// The form of the arguments.
    public var parameters: JSONSchema { definition.parameters }

    /// Makes a tool.
    ///
    /// - Parameters:
    ///   - definition: The tool as it is declared to the model.
    ///   - isIdempotent: `true` if a call may be repeated without harm.
    ///   - requiredPermissions: The permissions that the session must have for a call.
    ///   - timeout: The time that a call may take.
    ///   - work: Does the work. The arguments are JSON, but not checked against the definition's schema.
    public init(
        _ definition: ToolDefinition,
        isIdempotent: Bool = false,
        requiredPermissions: Set<Permission> = [],
        timeout: Duration = .seconds(60),
        _ work: @escaping @Sendable (JSON, ToolContext) async throws -> ToolResult
    ) {
        self.definition = definition
        self.isIdempotent = isIdempotent
        self.requiredPermissions = requiredPermissions
        self.timeout = timeout
        self.work = work
    }

    /// Does the work.
    public func call(arguments: JSON, context: ToolContext) async throws -> ToolResult {
        try await work(arguments, context)
    }
}
