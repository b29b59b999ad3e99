/// The parameters of one call, from which a dialect renders the end of a request's body.
public struct CallParameters: Sendable {
    /// The model's name.
    public var model: String
    /// The options of the call.
    public var options: GenerationOptions
    /// `true` if the answer is to come in pieces.
    public var isStreamed: Bool
    /// The tools that the model may call.
    public var tools: [ToolDefinition]
    /// The entries that the body carries.
    public var transcript: Transcript

    /// Makes parameters.
    public init(
        model: String,
        options: GenerationOptions = GenerationOptions(),
        isStreamed: Bool = false,
        tools: [ToolDefinition] = [],
        transcript: Transcript = Transcript()
    ) {
        self.model = model
        self.options = options
        self.isStreamed = isStreamed
        self.tools = tools
        self.transcript = transcript
    }
}
