public import NIOCore

/// What a model thought before it answered.
public struct Reasoning: Hashable, Sendable {
    /// The thought, or the provider's summary of it; empty where the provider keeps it to itself.
    public let text: String
    /// The provider's proof that the thought is its own: opaque, and sent back as it came.
    public let signature: ByteBuffer?

    /// Makes a reasoning.
    public init(text: String, signature: ByteBuffer? = nil) {
        self.text = text
        self.signature = signature
    }
}

/// A model's wish that a tool be called.
public struct ToolCall: Hashable, Sendable, Identifiable {
    /// The provider's name of this call, by which its output is told.
    public let id: String
    /// The tool's name.
    public let name: String
    /// The arguments: JSON text, to the letter as the model wrote it, whether valid or not.
    public let arguments: String

    /// Makes a tool call.
    public init(id: String, name: String, arguments: String) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }
}

/// What one tool call gave.
public struct ToolOutput: Hashable, Sendable {
    /// The id of the call.
    public let callID: ToolCall.ID
    /// The tool's name.
    public let name: String
    /// What the tool said.
    public let parts: [Part]
    /// Whether the tool failed, or was never run.
    public let isError: Bool

    /// Makes a tool output.
    public init(callID: ToolCall.ID, name: String, parts: [Part], isError: Bool = false) {
        self.callID = callID
        self.name = name
        self.parts = parts
        self.isError = isError
    }

    /// Makes a tool output of plain text.
    public init(callID: ToolCall.ID, name: String, text: String, isError: Bool = false) {
        self.init(callID: callID, name: name, parts: [.text(text)], isError: isError)
    }

    /// The output of a call that gave none: providers refuse a history without it.
    static func interrupted(_ call: ToolCall) -> ToolOutput {
        let text = "The call was interrupted before it gave an output."
        return ToolOutput(callID: call.id, name: call.name, text: text, isError: true)
    }
}
