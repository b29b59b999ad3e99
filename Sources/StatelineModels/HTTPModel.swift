internal import NIOCore
internal import NIOHTTP1
public import Stateline

/// A model behind HTTP, in any dialect.
///
/// ```swift
/// let model = HTTPModel(
///     "smollm2-135m",
///     dialect: ChatCompletions(),
///     endpoint: try Endpoint("http://127.0.0.1:8080/v1", provider: "llama.cpp")
/// )
/// ```
///
/// A call is made at most once: the model does not retry and follows no redirect. A session does, as its configuration's
/// `retries` say.
public struct HTTPModel: LanguageModel {
    /// The wire format.
    public let dialect: any Dialect
    /// The destination of calls.
    public let route: Route

    private let endpoint: Endpoint
    private let authentication: Authentication
    private let headers: HTTPHeaders
    private let secrets: Secrets
    private let transport: HTTPTransport

    /// The maximum number of bytes of a failed answer that are looked at.
    private static var maximumFailureBytes: Int { 64 << 10 }

    /// Makes a model.
    ///
    /// - Parameters:
    ///   - model: The model's name.
    ///   - dialect: The wire format.
    ///   - endpoint: The place of the API.
    ///   - authentication: The key.
    ///   - transport: The connections; models can share one.
    public init(
        _ model: String,
        dialect: some Dialect,
        endpoint: Endpoint,
        authentication: Authentication = .none,
        transport: HTTPTransport = HTTPTransport()
    ) {
        self.secrets = Secrets(
            keys: authentication.keys,
            headers: endpoint.headers,
            query: endpoint.queryItems,
            register: authentication.register
        )
        self.dialect = dialect.redacting(secrets)
        self.route = Route(provider: endpoint.provider, endpoint: endpoint.host, model: model)
        self.endpoint = endpoint
        self.authentication = authentication
        self.transport = transport
        self.headers = HTTPHeaders(endpoint.headers.map { ($0.name, $0.value) })
    }

    /// Makes one call.
    public func call(_ request: ModelRequest, stopwatch: Stopwatch) async throws(ModelError) -> ModelReply {
        var headers = self.headers
        for field in request.headers { headers.replaceOrAdd(name: field.name, value: field.value) }
        // The last: no header of a request replaces the key.
        let field = try await authentication.field(within: transport.timeToConnect(request))
        if let field { headers.replaceOrAdd(name: field.name, value: field.value) }
        let reply = try await transport.post(
            request,
            to: endpoint.url(path: request.path),
            headers: headers,
            stopwatch: stopwatch
        )
        let secrets = self.secrets(of: request, with: field)
        let requestID = RequestID.find(in: reply.headers, redacting: secrets)
        guard 200..<300 ~= reply.status else {
            let error = await failure(of: reply, redacting: secrets)
            if case .unauthorized = error { authentication.refused() }
            throw error.naming(request: requestID)
        }
        try checkLength(of: reply)
        let answer = CheckedAnswer(
            reply.body,
            declared: reply.mediaType.map { ProviderMessage($0, redacting: secrets).text }
        )
        return .bytes(
            AnswerBytes(
                requestID: requestID,
                { () async throws(ModelError) in try await answer.next() },
                contentEnded: { answer.contentEnded() },
                contentResumed: { answer.contentResumed() },
                drain: { await answer.drain() }
            )
        )
    }

    /// Returns the texts that no error of a call may hold.
    private func secrets(of request: ModelRequest, with field: (name: String, value: String)?) -> Secrets {
        var headers = request.options.headers.fields
        // The register of keys that a function gives may have forgotten this one: other calls have keys of their own.
        if authentication.register != nil, let field { headers.append(field) }
        return headers.isEmpty ? secrets : secrets.merging(Secrets(headers: headers))
    }

    /// Reads as much of a failed answer as it takes to tell its meaning.
    private func failure(of reply: HTTPReply, redacting secrets: Secrets) async -> ModelError {
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
        return dialect.redacting(secrets)
            .failure(
                status: reply.status,
                headers: reply.headers.map { (name: $0.name, value: $0.value) },
                body: body.readSlice(length: min(body.readableBytes, Self.maximumFailureBytes)) ?? body
            )
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

extension HTTPModel: CustomStringConvertible, CustomReflectable {
    /// The model's name and its host; no key, no header.
    public var description: String { "\(route.model) at \(route.endpoint)" }
    /// The route alone.
    public var customMirror: Mirror { Mirror(self, children: ["route": route]) }
}
