#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import NIOCore
internal import NIOHTTP1
public import Stateline
public import StatelineDialects

/// A model behind a server that speaks Chat Completions, in the cloud or on this machine.
///
/// ```swift
/// let model = try ChatCompletionsModel(baseURL: "http://127.0.0.1:8080/v1", model: "smollm2-135m")
/// ```
///
/// A call is made at most once: nothing is tried again, and no redirect is followed.
public struct ChatCompletionsModel: LanguageModel {
    /// The wire format.
    public var dialect: any Dialect { chatCompletions }
    /// Where calls go.
    public let route: Route

    private let chatCompletions: ChatCompletions
    private let url: String
    private let headers: HTTPHeaders
    private let transport: HTTPTransport

    /// The most bytes of a failed answer that are looked at.
    private static var maximumFailureBytes: Int { 64 << 10 }

    /// Makes a model.
    ///
    /// - Parameters:
    ///   - baseURL: Where the API is, such as `https://api.openai.com/v1`; a query stays at the end.
    ///   - model: The model's name.
    ///   - apiKey: The key, sent as `Authorization: Bearer`.
    ///   - headers: More headers. They are shown nowhere: if a provider repeats a value, such as a key in `api-key`, the text
    ///     in the error is without it.
    ///   - dialect: How instructions and limits are told.
    ///   - transport: The connections; models can share one.
    /// - Throws: `ModelError.connectionFailed(description:)` where the URL is not one of HTTP, or holds a user.
    public init(
        baseURL: String,
        model: String,
        apiKey: APIKey? = nil,
        headers: [(name: String, value: String)] = [],
        dialect: ChatCompletions = ChatCompletions(),
        transport: HTTPTransport = HTTPTransport()
    ) throws(ModelError) {
        guard var parts = URLComponents(string: baseURL), let host = parts.host, !host.isEmpty,
            parts.scheme == "http" || parts.scheme == "https", parts.user == nil, parts.password == nil
        else {
            throw .connectionFailed(description: "the base URL is not a plain one of http or https")
        }
        while parts.path.hasSuffix("/") { parts.path.removeLast() }
        parts.path += dialect.path
        parts.fragment = nil
        guard let url = parts.string else {
            throw .connectionFailed(description: "the base URL is not a plain one of http or https")
        }
        self.url = url
        let query = (parts.queryItems ?? []).map { (name: $0.name, value: $0.value ?? "") }
        self.chatCompletions = dialect.redacting(Secrets(key: apiKey?.text, headers: headers, query: query))
        self.route = Route(provider: "openai", endpoint: host + (parts.port.map { ":\($0)" } ?? ""), model: model)
        self.transport = transport
        var fields = HTTPHeaders(headers.map { ($0.name, $0.value) })
        if let apiKey { fields.replaceOrAdd(name: "Authorization", value: apiKey.authorization) }
        self.headers = fields
    }

    /// Makes one call.
    public func call(_ request: ModelRequest, stopwatch: Stopwatch) async throws(ModelError) -> ModelReply {
        var headers = self.headers
        for field in request.headers { headers.replaceOrAdd(name: field.name, value: field.value) }
        let reply = try await transport.post(to: url, headers: headers, body: request.body, stopwatch: stopwatch)
        guard 200..<300 ~= reply.status else { throw await failure(of: reply) }
        try checkMediaType(of: reply, isStreamed: request.isStreamed)
        try checkLength(of: reply)
        let body = reply.body
        return .bytes(AnswerBytes { () async throws(ModelError) in try await body.next() })
    }

    /// Reads as much of a failed answer as it takes to say what it means.
    private func failure(of reply: HTTPReply) async -> ModelError {
        var body = ByteBuffer()
        while body.readableBytes < Self.maximumFailureBytes {
            do {
                guard let chunk = try await reply.body.next() else { break }
                body.writeImmutableBuffer(chunk)
            } catch .cancelled {
                return .cancelled
            } catch {
                break
            }
        }
        return ModelError(
            status: reply.status,
            retryAfter: reply.headers.retryAfter(now: Date()),
            body: body.readSlice(length: min(body.readableBytes, Self.maximumFailureBytes)) ?? body,
            redacting: chatCompletions.redacting
        )
    }

    /// Refuses what is certainly no answer.
    ///
    /// A server that names no type, or answers whole where a stream was wanted, is left to the parser.
    private func checkMediaType(of reply: HTTPReply, isStreamed: Bool) throws(ModelError) {
        guard let type = reply.mediaType else { return }
        let isJSON = type == "application/json" || type.hasSuffix("+json")
        guard isJSON || isStreamed && type == "text/event-stream" else {
            throw .unexpectedContentType(ProviderFailure.line(type, redacting: chatCompletions.redacting))
        }
    }

    /// Refuses an answer that announces to be too large, before it is read.
    private func checkLength(of reply: HTTPReply) throws(ModelError) {
        let limit = transport.maximumAnswerBytes
        guard let length = reply.headers.first(name: "Content-Length").flatMap({ Int($0) }), length > limit else {
            return
        }
        throw .answerTooLarge(limit: limit)
    }
}

extension ChatCompletionsModel: CustomStringConvertible, CustomReflectable {
    /// The model's name and where it is; no key, no header.
    public var description: String { "\(route.model) at \(route.endpoint)" }
    /// The route alone.
    public var customMirror: Mirror { Mirror(self, children: ["route": route]) }
}
