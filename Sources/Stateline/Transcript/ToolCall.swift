/// A model's request that a tool be called.
public struct ToolCall: Hashable, Sendable, Identifiable, Codable {
    /// The provider's name of this call.
    ///
    /// The output refers to it.
    public let id: String
    /// The tool's name.
    public let name: String
    /// The arguments: JSON text, to the letter as the model wrote it, valid or not.
    public let arguments: String

    /// Makes a tool call.
    public init(id: String, name: String, arguments: String) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }
}
