public import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import Stateline

/// A transport that sends requests to providers over HTTP, each at most once.
///
/// The models that share a transport share its connections, which close when the last of them is released. The transport
/// follows no redirect and does not retry a failed connection; the caller decides about that.
public final class HTTPTransport: Sendable {
    /// The time limits of calls.
    public let timeLimits: TimeLimits
    /// The maximum number of bytes of an answer.
    public let maximumAnswerBytes: Int

    /// The timers of answers.
    let alarms: AlarmClock

    private let client: HTTPClient

    /// Makes a transport.
    ///
    /// - Parameters:
    ///   - configuration: Proxy, TLS and the rest of the library's settings. Redirects, retried connections and the
    ///     time to connect are set by the transport.
    ///   - maximumConnections: The maximum number of connections to one host. Each serves one HTTP/1.1 call at a time;
    ///     further calls wait for one, within the time to connect.
    ///   - timeLimits: The time limits of calls.
    ///   - maximumAnswerBytes: The maximum number of bytes of an answer, 64 MiB by default.
    public convenience init(
        configuration: HTTPClient.Configuration = HTTPClient.Configuration(),
        maximumConnections: Int = 512,
        timeLimits: TimeLimits = TimeLimits(),
        maximumAnswerBytes: Int = 64 << 20
    ) {
        self.init(
            configuration: configuration,
            maximumConnections: maximumConnections,
            timeLimits: timeLimits,
            maximumAnswerBytes: maximumAnswerBytes,
            alarms: .eventLoops
        )
    }

    /// Makes a transport with timers of its own.
    init(
        configuration: HTTPClient.Configuration = HTTPClient.Configuration(),
        maximumConnections: Int = 512,
        timeLimits: TimeLimits,
        maximumAnswerBytes: Int = 64 << 20,
        alarms: AlarmClock
    ) {
        var configuration = configuration
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = maximumConnections
        configuration.timeout.connect = TimeAmount(timeLimits.connect)
        let initializer = configuration.http1_1ConnectionDebugInitializer
        configuration.http1_1ConnectionDebugInitializer = { channel in
            let isGuarded = StatusGuard.add(to: channel)
            guard let initializer else { return isGuarded }
            return isGuarded.flatMap { initializer(channel) }
        }
        self.client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        self.timeLimits = timeLimits
        self.maximumAnswerBytes = maximumAnswerBytes
        self.alarms = alarms
    }

    /// Closes the connections.
    ///
    /// A reader of an answer holds the transport, so that no answer is cut off.
    deinit {
        client.shutdown { _ in }
    }

    /// Returns the time that a call may take to connect.
    func timeToConnect(_ call: ModelRequest) -> Duration {
        let limits = timeLimits.replaced(by: call)
        return min(limits.connect, limits.total)
    }

    /// Sends a request and waits for the head of its answer.
    func post(
        _ call: ModelRequest,
        to url: String,
        headers: HTTPHeaders,
        stopwatch: Stopwatch
    ) async throws(ModelError) -> HTTPReply {
        let limits = timeLimits.replaced(by: call)
        let start = NIODeadline.now()
        let overdue = start + TimeAmount(limits.total)
        let progress = RequestProgress(stopwatch: stopwatch)
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers = headers
        request.body = .sending(call.body, progress: progress)
        let response: HTTPClientResponse
        do {
            response = try await client.execute(
                request,
                deadline: min(overdue, start + TimeAmount(limits.firstByte))
            )
        } catch {
            let phase: ModelError.Phase = overdue <= .now() ? .total : .firstByte
            throw ModelError(error, wasSent: progress.isConnected, isSecure: url.hasPrefix("https:"), overdue: phase)
        }
        stopwatch.lap(.firstByte)
        return HTTPReply(
            status: Int(response.status.code),
            headers: response.headers,
            body: AnswerReader(response.body, of: self, limits: limits, callStart: start)
        )
    }
}

/// The head of an answer, and the reader of its body.
struct HTTPReply: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: AnswerReader

    /// The media type without its parameters, in lower case.
    var mediaType: String? {
        headers.first(name: "Content-Type")
            .map { value in
                value.prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
            }
    }
}
