/// The destination of a stateless call.
///
/// The ledger keeps at most the first ``maximumStoredProviderLength`` UTF-8 bytes of the provider and the first
/// ``maximumStoredLength`` of the endpoint and of the model, in whole scalars, so that the size of a crossing is
/// bounded.
public struct Route: Hashable, Sendable, Codable {
    /// The maximum number of UTF-8 bytes of the provider that the ledger keeps.
    public static let maximumStoredProviderLength = 32
    /// The maximum number of UTF-8 bytes of the endpoint, and of the model, that the ledger keeps.
    public static let maximumStoredLength = 64

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
