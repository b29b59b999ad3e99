/// Where a stateless call goes.
public struct Route: Hashable, Sendable {
    /// The kind of provider, such as `openai` or `closure`.
    public let provider: String
    /// The endpoint, such as `127.0.0.1:8080`: never a key, a user or a query.
    public let endpoint: String
    /// The model's name.
    public let model: String

    /// Makes a route.
    public init(provider: String, endpoint: String = "", model: String) {
        self.provider = provider
        self.endpoint = endpoint
        self.model = model
    }
}
