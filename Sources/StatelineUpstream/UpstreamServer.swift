#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import Stateline

/// The upstream's HTTP routes.
struct UpstreamServer: Sendable {
    private let configuration: Upstream.Configuration
    private let log: RequestLog
    private let fixed: FixedAnswers

    init(_ configuration: Upstream.Configuration, log: RequestLog) {
        self.configuration = configuration
        self.log = log
        self.fixed = FixedAnswers(wordCount: configuration.wordCount)
    }

    /// Makes the server as a service that can be ended.
    ///
    /// - Parameter onStart: Called with the port once the server listens.
    /// - Returns: The service, not yet running.
    func serviceGroup(onStart: @escaping @Sendable (Int) -> Void) -> ServiceGroup {
        let logger = Logger(label: "stateline.upstream", factory: { _ in SwiftLogNoOpLogHandler() })
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port)
            ),
            onServerRunning: { channel in onStart(channel.localAddress?.port ?? configuration.port) },
            logger: logger
        )
        var group = ServiceGroupConfiguration(services: [application], logger: logger)
        // After this limit connections are cut in mid-answer; a busy machine writes its answers within it.
        group.maximumGracefulShutdownDuration = .seconds(15)
        return ServiceGroup(configuration: group)
    }

    /// The list of models: there is one, and any name but `no-such-model` calls it.
    private var models: String {
        #"{"object":"list","data":[{"id":"upstream","object":"model","created":0,"owned_by":"stateline"}]}"#
    }

    private var router: Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: FailureMiddleware())
        router.get("v1/models") { _, _ in
            Response.json(ByteBuffer(string: models))
        }
        router.post("v1/chat/completions") { request, _ in try await complete(request) }
        router.get("stateline/report") { request, _ in
            let count = request.uri.queryParameters["newest"].flatMap { Int($0) } ?? 100
            return Response.json(try log.report(newest: max(0, count)).json)
        }
        router.delete("stateline/report") { _, _ in
            log.clear()
            return Response(status: .noContent)
        }
        router.get("stateline/requests/:index") { request, context in
            guard let body = context.parameters.get("index", as: Int.self).flatMap(log.body) else {
                throw UpstreamFailure(status: 404, message: "No body is kept under this number.")
            }
            return Response.json(body)
        }
        return router
    }

    /// Answers a model call.
    private func complete(_ request: Request) async throws -> Response {
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: configuration.bodyLimit)
        } catch is NIOTooManyBytesError {
            throw UpstreamFailure(status: 413, message: "The body is larger than \(configuration.bodyLimit) bytes.")
        }
        let receipt = log.receive(body, conversation: request.headers[.session] ?? "")
        do {
            let response = try configuration.isFixed ? fixed.response(to: body) : answer(body, receipt)
            log.note(status: response.status.code, of: receipt)
            if configuration.latency > .zero {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: configuration.latency) }
            }
            return response
        } catch let failure as UpstreamFailure {
            log.note(status: failure.status, of: receipt)
            throw failure
        }
    }

    private func answer(_ body: ByteBuffer, _ receipt: RequestLog.Receipt) throws(UpstreamFailure) -> Response {
        let outline = try RequestOutline(of: body, resuming: receipt.outline, common: receipt.common)
        let parameters = try outline.parameters(of: body)
        log.note(outline, of: body, receipt: receipt)
        guard parameters.model != "no-such-model" else { throw .unknownModel(parameters.model) }
        let answer = try UpstreamAnswer(
            to: try outline.tail(of: body),
            parameters,
            wordCount: configuration.wordCount
        )
        let frame = AnswerFrame(
            id: "chatcmpl-\(receipt.sha256.prefix(24))",
            model: parameters.model,
            promptTokens: outline.tokens,
            cachedTokens: outline.tokens(within: receipt.common)
        )
        guard parameters.isStreamed else { return .json(answer.body(frame)) }
        return .events(answer.events(frame, includesUsage: parameters.includesUsage), pace: answer.pace)
    }
}

/// A middleware that answers each failure with an error object.
private struct FailureMiddleware: RouterMiddleware {
    @concurrent
    func handle(
        _ request: Request,
        context: BasicRequestContext,
        next: @concurrent (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let failure as UpstreamFailure {
            return .failure(failure)
        } catch let error as any HTTPResponseError where error.status == .notFound {
            return .failure(.unknownPath(request.method, request.uri.path))
        } catch is CancellationError {
            return .failure(UpstreamFailure(status: 503, message: "The server is shutting down."))
        }
    }
}

extension UpstreamReport {
    fileprivate var json: ByteBuffer {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            return ByteBuffer(bytes: try encoder.encode(self))
        }
    }
}

extension Response {
    static func json(_ body: ByteBuffer, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
    }

    static func failure(_ failure: UpstreamFailure) -> Response {
        var response = Response.json(failure.body, status: HTTPResponse.Status(code: failure.status))
        if let seconds = failure.retryAfter { response.headers[.retryAfter] = String(seconds) }
        return response
    }

    /// Makes server-sent events: in one piece, or one at a time with a pause after each.
    static func events(_ events: [ByteBuffer], pace: Duration) -> Response {
        guard pace > .zero else {
            return .events(events.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) })
        }
        let body = ResponseBody { writer in
            for event in events {
                try await writer.write(event)
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: pace) }
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: .eventStream, body: body)
    }

    /// Makes server-sent events of prepared bytes, framed as of unknown length like streams.
    static func events(_ bytes: ByteBuffer) -> Response {
        let body = ResponseBody { writer in
            try await writer.write(bytes)
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: .eventStream, body: body)
    }
}

extension HTTPFields {
    fileprivate static let eventStream: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-cache"]
}

extension HTTPField.Name {
    /// The header with the name of a request's conversation.
    fileprivate static let session = HTTPField.Name("x-stateline-session")!
}
