/// A piece of a tool call, as it arrives.
public struct ToolCallDelta: Hashable, Sendable, Codable {
    /// The call's place among the calls of the answer, from 0.
    public let index: Int
    /// The call's id, if this piece brings it.
    public let id: String?
    /// The tool's name, if this piece brings it.
    public let name: String?
    /// The next characters of the arguments' JSON text; often not JSON by themselves.
    public let arguments: String

    /// Makes a piece.
    public init(index: Int, id: String? = nil, name: String? = nil, arguments: String = "") {
        self.index = index
        self.id = id
        self.name = name
        self.arguments = arguments
    }
}
