internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import Stateline
internal import StatelineMetrics

/// A server that gives an exporter's metrics to Prometheus, on the loopback address and to GET only.
struct MetricsServer: Sendable {
    /// An error of a port that cannot be listened on.
    struct CannotListen: Error, CustomStringConvertible {
        let port: Int
        let isTaken: Bool

        var description: String {
            "--metrics: cannot listen on port \(port) of 127.0.0.1: "
                + (isTaken ? "it is in use; choose another port, or 0 for a free one" : "choose another port")
        }
    }

    private static let host = "127.0.0.1"

    let exporter: PrometheusExporter
    /// Records the figures of stores, just before each page is written.
    let sources: SourceMetrics
    /// The port; 0 for a free one.
    let port: Int

    /// Serves while a function runs.
    ///
    /// - Parameter body: Receives the address of the page.
    /// - Throws: ``CannotListen`` before the function begins, else the function's error.
    func run(_ body: (String) async throws -> Void) async throws {
        let (ports, running) = AsyncStream.makeStream(of: Int.self)
        let services = serviceGroup { running.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { running.finish() }
                do { try await services.run() } catch let error as IOError {
                    throw CannotListen(port: port, isTaken: error.errnoCode == EADDRINUSE)
                }
            }
            var iterator = ports.makeAsyncIterator()
            guard let port = await iterator.next() else {
                try await tasks.waitForAll()
                throw CancellationError()
            }
            let result: Result<Void, any Error>
            do { result = .success(try await body("http://\(Self.host):\(port)/metrics")) } catch {
                result = .failure(error)
            }
            await services.triggerGracefulShutdown()
            try result.get()
            try await tasks.waitForAll()
        }
    }

    private func serviceGroup(onStart: @escaping @Sendable (Int) -> Void) -> ServiceGroup {
        let logger = Logger(label: "stateline.metrics", factory: { _ in SwiftLogNoOpLogHandler() })
        let router = Router()
        router.add(middleware: ReadOnlyMiddleware())
        router.get("metrics") { [exporter, sources] _, _ -> Response in
            sources.record()
            return Response(
                status: .ok,
                headers: [.contentType: PrometheusExporter.contentType],
                body: ResponseBody(byteBuffer: ByteBuffer(string: exporter.text()))
            )
        }
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname(Self.host, port: port)),
            onServerRunning: { channel in onStart(channel.localAddress?.port ?? port) },
            logger: logger
        )
        var group = ServiceGroupConfiguration(services: [application], logger: logger)
        // A scrape under way gets its page; an idle connection does not delay the end.
        group.maximumGracefulShutdownDuration = .seconds(2)
        return ServiceGroup(configuration: group)
    }
}

/// A middleware that refuses all methods but GET.
private struct ReadOnlyMiddleware: RouterMiddleware {
    @concurrent
    func handle(
        _ request: Request,
        context: BasicRequestContext,
        next: @concurrent (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        guard request.method == .get else { return Response(status: .methodNotAllowed, headers: [.allow: "GET"]) }
        return try await next(request, context)
    }
}

extension LoadOptions {
    /// Runs a function, with an observer that counts turns if metrics are to be served.
    ///
    /// - Parameters:
    ///   - sources: The stores whose figures are served too.
    ///   - body: Receives the observers of turns.
    /// - Throws: ``MetricsServer/CannotListen`` before the function begins, else the function's error.
    func withMetrics(
        of sources: [any MetricSource],
        _ body: ([any TurnObserver]) async throws -> Void
    ) async throws {
        guard let metrics else { return try await body([]) }
        let exporter = PrometheusExporter()
        let observer = TurnMetrics(factory: exporter, backend: store.backend)
        let recorder = SourceMetrics(sources, factory: exporter)
        try await MetricsServer(exporter: exporter, sources: recorder, port: metrics)
            .run { address in
                try FileHandle.standardError.write(contentsOf: Data("stateline: metrics at \(address)\n".utf8))
                try await body([observer])
            }
    }
}

extension LoadChoice {
    /// The store's label in metrics.
    fileprivate var backend: String {
        switch self {
        case .none: "none"
        case .store(.memory): "memory"
        #if Redis
        case .store(.redis): "redis"
        #endif
        }
    }
}
