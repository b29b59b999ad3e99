#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
public import Stateline

/// The place of a provider's API, and the headers that it requires with each call.
///
/// ```swift
/// let endpoint = try Endpoint("https://api.deepseek.com/v1", provider: "deepseek")
/// ```
public struct Endpoint: Sendable {
    /// The provider's name, as the ledger and the metrics show it.
    public let provider: String
    /// The host and, if the URL has one, the port.
    public let host: String
    /// More headers.
    ///
    /// They are shown nowhere: if a provider repeats a value, such as a key in `api-key`, the text in the error is
    /// without it.
    let headers: [(name: String, value: String)]

    /// The URL before a call's path.
    private let base: String
    /// The query with its question mark, or nothing.
    private let query: String

    /// Makes an endpoint.
    ///
    /// - Parameters:
    ///   - baseURL: The URL that the paths of calls are below, such as `https://api.openai.com/v1`. A query stays at the
    ///     end.
    ///   - provider: The provider's name, such as `openai` or `azure.ai.openai`.
    ///   - headers: Headers to send with each call.
    /// - Throws: `ModelError.connectionFailed(description:)` if the URL is not one of HTTP, or holds a user.
    public init(
        _ baseURL: String,
        provider: String,
        headers: [(name: String, value: String)] = []
    ) throws(ModelError) {
        guard var parts = URLComponents(string: baseURL), let host = parts.host, !host.isEmpty,
            parts.scheme == "http" || parts.scheme == "https", parts.user == nil, parts.password == nil
        else { throw Self.badURL }
        self.query = parts.percentEncodedQuery.map { "?" + $0 } ?? ""
        self.queryItems = (parts.queryItems ?? []).map { ($0.name, $0.value ?? "") }
        while parts.path.hasSuffix("/") { parts.path.removeLast() }
        parts.query = nil
        parts.fragment = nil
        guard let base = parts.string else { throw Self.badURL }
        self.base = base
        self.host = host + (parts.port.map { ":\($0)" } ?? "")
        self.provider = provider
        self.headers = headers
    }

    private static let badURL = ModelError.connectionFailed(
        description: "the base URL must be an http or https URL without a user and a password"
    )

    /// The items of the query, which may hold a key.
    let queryItems: [(name: String, value: String)]

    /// `true` if the endpoint is reached over TLS.
    var isSecure: Bool { base.hasPrefix("https:") }

    /// Returns the URL of a call.
    ///
    /// - Parameter path: The path below the base URL, percent-encoded.
    /// - Returns: The URL, with the base's query.
    func url(path: String) -> String { base + path + query }
}

extension Endpoint: CustomStringConvertible, CustomReflectable {
    /// The provider and the host; no header, no query.
    public var description: String { "\(provider) at \(host)" }
    /// The provider and the host alone.
    public var customMirror: Mirror { Mirror(self, children: ["provider": provider, "host": host]) }
}
