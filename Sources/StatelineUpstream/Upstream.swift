#if canImport(Darwin)
internal import Darwin
#else
internal import Glibc
#endif
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import ServiceLifecycle

/// A stateless model server that reports exactly what it was sent.
///
/// It speaks the Chat Completions API over HTTP, plain and streamed, and answers each request from that request alone:
/// the same request gets the same bytes. Use it as a model that is fast, free and the same each time.
///
/// ```swift
/// try await Upstream.withServer { upstream in
///     let model = ChatCompletionsModel(baseURL: upstream.baseURL, model: "any")
///     ...
///     await upstream.report().sentAgainBytes
/// }
/// ```
///
/// ## Answers
///
/// An answer is ``Configuration/wordCount`` words drawn from the SHA-256 of the newest user message. Lines of that
/// message that begin with a slash ask for something else:
///
/// | line | effect |
/// |---|---|
/// | `/say TEXT` | the exact answer; several lines are joined |
/// | `/tool NAME JSON` | calls the tool, if it is declared; several lines are calls made at once |
/// | `/then` | the `/tool` lines after it belong to the next step |
/// | `/reason TEXT` | sends `reasoning_content` before the answer |
/// | `/refuse TEXT` | refuses |
/// | `/length` | ends with the finish reason `length` |
/// | `/pace MS` | waits that long after each event of a streamed answer |
/// | `/status CODE [ERROR]` | fails with that status, 400 to 599, and an error object |
///
/// After tool outputs the answer quotes them. The model `no-such-model` does not exist. Every tool call of a request
/// has to be followed by its output, as providers demand.
///
/// ## Tokens
///
/// A message counts 4 tokens, and one for each 4 bytes begun of its text and of each tool call's name and arguments;
/// the declared tools one for each 4 bytes of their JSON. So two requests differ by exactly the messages between them.
/// `cached_tokens` are those of the leading messages that lie wholly within the bytes in common with the conversation's
/// previous request. An answer counts one for each word.
///
/// ## What it was sent
///
/// ``report(newest:)`` gives sums and the newest requests: bytes, bytes that the previous request of the same conversation
/// had too, tokens, and a SHA-256. Bytes are compared one by one: those at the beginning, and those of the member `tools`,
/// which counts as sent again if it is the same, wherever it stands. The header `x-stateline-session` names the conversation;
/// requests without it are one conversation. Over HTTP: `GET /stateline/report?newest=N`,
/// `GET /stateline/requests/N` (the exact body), `DELETE /stateline/report`.
///
/// Memory is bounded: the newest bodies are kept, oldest dropped first, as ``Configuration`` says. A conversation whose
/// previous body was dropped is not compared, and its request says so.
public struct Upstream: Sendable {
    /// The address that the server listens on.
    public let host: String
    /// The port that the server listens on, never 0.
    public let port: Int

    private let log: RequestLog

    /// The base URL for clients of the Chat Completions API.
    public var baseURL: String { "\(rootURL)/v1" }

    /// The URL of the server, without the API's version.
    public var rootURL: String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    /// Returns the sums over all requests, and the newest requests.
    ///
    /// A request is counted before it is answered.
    ///
    /// - Parameter count: The number of the newest requests to list.
    /// - Returns: The report.
    public func report(newest count: Int = 100) async -> UpstreamReport {
        log.report(newest: count)
    }

    /// Serves while a function runs.
    ///
    /// After the function the server stops listening, lets current requests end, and ends. A request that still waits
    /// for ``Configuration/latency`` is abandoned.
    ///
    /// - Parameters:
    ///   - configuration: The address, and the answers.
    ///   - body: Runs while the server does.
    /// - Returns: The function's result.
    /// - Throws: ``UpstreamError`` if the address cannot be listened on, else the function's error.
    public static func withServer<R>(
        _ configuration: Configuration = Configuration(),
        _ body: (Upstream) async throws -> R
    ) async throws -> R {
        let log = RequestLog(byteLimit: configuration.recordedBytes, countLimit: configuration.recordedRequests)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let services = UpstreamServer(configuration, log: log).serviceGroup { port.yield($0) }
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { port.finish() }
                do {
                    try await services.run()
                } catch let error as IOError {
                    throw UpstreamError(error, configuration)
                }
            }
            var iterator = ports.makeAsyncIterator()
            guard let port = await iterator.next() else {
                try await tasks.waitForAll()
                throw CancellationError()
            }
            let result: Result<R, any Error>
            do {
                result = .success(try await body(Upstream(host: configuration.host, port: port, log: log)))
            } catch {
                result = .failure(error)
            }
            await services.triggerGracefulShutdown()
            let value = try result.get()
            try await tasks.waitForAll()
            return value
        }
    }

    private init(host: String, port: Int, log: RequestLog) {
        self.host = host
        self.port = port
        self.log = log
    }
}

extension UpstreamError {
    fileprivate init(_ error: IOError, _ configuration: Upstream.Configuration) {
        let (host, port) = (configuration.host, configuration.port)
        self =
            error.errnoCode == EADDRINUSE
            ? .addressInUse(host: host, port: port)
            : .cannotListen(host: host, port: port, description: error.description)
    }
}
