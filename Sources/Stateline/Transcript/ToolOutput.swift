/// The output of one tool call.
public struct ToolOutput: Hashable, Sendable, Codable {
    /// The id of the call.
    public let callID: ToolCall.ID
    /// The tool's name.
    public let name: String
    /// The output.
    public let parts: [Part]
    /// `true` if the tool failed, or was never run.
    public let isError: Bool
    /// The record of the refusal, if the call was refused because the session lacks permissions; the tool did not run.
    public let denial: Denial?

    /// Makes a tool output.
    public init(
        callID: ToolCall.ID,
        name: String,
        parts: [Part],
        isError: Bool = false,
        denial: Denial? = nil
    ) {
        self.callID = callID
        self.name = name
        self.parts = parts
        self.isError = isError
        self.denial = denial
    }

    /// Makes a tool output of plain text.
    public init(callID: ToolCall.ID, name: String, text: String, isError: Bool = false) {
        self.init(callID: callID, name: name, parts: [.text(text)], isError: isError)
    }

    /// Makes the output of a call that gave none: providers refuse a history without it.
    static func interrupted(_ call: ToolCall) -> ToolOutput {
        let text = "The call was interrupted before it gave an output."
        return ToolOutput(callID: call.id, name: call.name, text: text, isError: true)
    }
}
