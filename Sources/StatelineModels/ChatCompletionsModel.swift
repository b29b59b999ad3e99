public import Stateline
public import StatelineDialects

/// A model behind a server that speaks Chat Completions, in the cloud or on this machine.
///
/// ```swift
/// let model = try ChatCompletionsModel(baseURL: "http://127.0.0.1:8080/v1", model: "smollm2-135m")
/// ```
///
/// It is an ``HTTPModel`` of the dialect `ChatCompletions`.
public struct ChatCompletionsModel: LanguageModel {
    private let model: HTTPModel

    /// The wire format.
    public var dialect: any Dialect { model.dialect }
    /// The destination of calls.
    public var route: Route { model.route }

    /// Makes a model.
    ///
    /// - Parameters:
    ///   - baseURL: The URL of the API, such as `https://api.openai.com/v1`; a query stays at the end.
    ///   - model: The model's name.
    ///   - provider: The provider's name for the ledger and the metrics. If it is `nil`, it is `openai` for OpenAI's own
    ///     host and `openai_compatible` for all others.
    ///   - apiKey: The key, sent as `Authorization: Bearer`.
    ///   - headers: More headers. They are shown nowhere: if a provider repeats a value, such as a key in `api-key`, the
    ///     text in the error is without it.
    ///   - dialect: The roles and members that the server expects.
    ///   - transport: The connections; models can share one.
    /// - Throws: `ModelError.connectionFailed(description:)` if the URL is not one of HTTP, or holds a user.
    public init(
        baseURL: String,
        model: String,
        provider: String? = nil,
        apiKey: APIKey? = nil,
        headers: [(name: String, value: String)] = [],
        dialect: ChatCompletions = ChatCompletions(),
        transport: HTTPTransport = HTTPTransport()
    ) throws(ModelError) {
        try self.init(
            baseURL: baseURL,
            model: model,
            provider: provider,
            authentication: apiKey.map { Authentication.bearer($0) } ?? Authentication.none,
            headers: headers,
            dialect: dialect,
            transport: transport
        )
    }

    /// Makes a model with another authentication than a constant key: a key in another header, or keys that a function
    /// gives.
    ///
    /// ```swift
    /// let model = try ChatCompletionsModel(
    ///     baseURL: "https://example.openai.azure.com/openai/v1",
    ///     model: "gpt-5-mini",
    ///     authentication: .bearer { try await tokens.current() }
    /// )
    /// ```
    ///
    /// - Parameters:
    ///   - baseURL: The URL of the API; a query stays at the end.
    ///   - model: The model's name.
    ///   - provider: The provider's name for the ledger and the metrics; see the other initialiser.
    ///   - authentication: The key.
    ///   - headers: More headers, which are shown nowhere.
    ///   - dialect: The roles and members that the server expects.
    ///   - transport: The connections; models can share one.
    /// - Throws: `ModelError.connectionFailed(description:)` if the URL is not one of HTTP, or holds a user.
    public init(
        baseURL: String,
        model: String,
        provider: String? = nil,
        authentication: Authentication,
        headers: [(name: String, value: String)] = [],
        dialect: ChatCompletions = ChatCompletions(),
        transport: HTTPTransport = HTTPTransport()
    ) throws(ModelError) {
        let isOpenAI = baseURL.hasPrefix("https://api.openai.com/")
        let endpoint = try Endpoint(
            baseURL,
            provider: provider ?? (isOpenAI ? "openai" : "openai_compatible"),
            headers: headers
        )
        self.model = HTTPModel(
            model,
            dialect: dialect,
            endpoint: endpoint,
            authentication: authentication,
            transport: transport
        )
    }

    /// Makes one call.
    public func call(_ request: ModelRequest, stopwatch: Stopwatch) async throws(ModelError) -> ModelReply {
        try await model.call(request, stopwatch: stopwatch)
    }
}

extension ChatCompletionsModel: CustomStringConvertible, CustomReflectable {
    /// The model's name and its host; no key, no header.
    public var description: String { model.description }
    /// The route alone.
    public var customMirror: Mirror { model.customMirror }
}
