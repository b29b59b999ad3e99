/// A tool as it is declared to the model.
///
/// A definition alone declares a tool that the client runs; see ``Boundary``'s `session`.
public struct ToolDefinition: Hashable, Sendable {
    /// The name that the model calls the tool by.
    public let name: String
    /// The purpose of the tool.
    public let description: String
    /// The form of the arguments.
    public let parameters: JSONSchema

    /// Makes a definition.
    public init(name: String, description: String, parameters: JSONSchema) {
        self.name = name
        self.description = description
        self.parameters = parameters
    }
}
