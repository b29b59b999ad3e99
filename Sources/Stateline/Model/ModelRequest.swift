/// The content of one call: all that the model will know.
public struct ModelRequest: Sendable {
    /// The HTTP method.
    public var method: String
    /// The destination of the call.
    public var route: Route
    /// The path below the provider's base URL.
    public var path: String
    /// The headers of the dialect and of the options, without those of authentication.
    public var headers: [(name: String, value: String)]
    /// The body.
    public var body: GatherList
    /// The entries that the body carries, for models that need no bytes.
    public var transcript: Transcript
    /// The tools that the model may call.
    public var tools: [ToolDefinition]
    /// The options of the generation.
    public var options: GenerationOptions
    /// `true` if the answer is to come in pieces.
    public var isStreamed: Bool
    /// The time limits of the session, in place of the model's own.
    public var timeLimits: CallTimeLimits
    /// The time that the turn leaves the call; `nil` if it has no limit.
    public var timeLeft: Duration?
    /// The number of the body's bytes that the session's previous request had too: ``prefixBytes``, and the declaration of
    /// the tools if it is the same.
    public var sentAgainBytes: Int
    /// The number of leading bytes of the body that are a prefix of the session's previous request, so that a provider's
    /// prefix cache can hold them.
    public var prefixBytes: Int

    /// The number of the body's bytes that the previous request did not have.
    public var newBytes: Int { body.byteCount - sentAgainBytes }

    /// Makes a request.
    ///
    /// Sessions make requests; a test of a model, or a model that wraps another one, makes its own.
    public init(
        method: String = "POST",
        route: Route,
        path: String = "",
        headers: [(name: String, value: String)] = [],
        body: GatherList = GatherList([]),
        transcript: Transcript,
        tools: [ToolDefinition] = [],
        options: GenerationOptions = GenerationOptions(),
        isStreamed: Bool = false,
        timeLimits: CallTimeLimits = CallTimeLimits(),
        timeLeft: Duration? = nil,
        sentAgainBytes: Int = 0,
        prefixBytes: Int = 0
    ) {
        self.method = method
        self.route = route
        self.path = path
        self.headers = headers
        self.body = body
        self.transcript = transcript
        self.tools = tools
        self.options = options
        self.isStreamed = isStreamed
        self.timeLimits = timeLimits
        self.timeLeft = timeLeft
        self.sentAgainBytes = sentAgainBytes
        self.prefixBytes = prefixBytes
    }
}
