internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import Stateline
internal import StatelineMetrics

/// Lets Prometheus read what an exporter has counted: on this machine alone, and by GET alone.
struct MetricsServer: Sendable {
    /// A port that cannot be listened on.
    struct CannotListen: Error, CustomStringConvertible {
        let port: Int
        let isTaken: Bool

        var description: String {
            "--metrics: port \(port) of 127.0.0.1 \(isTaken ? "is taken" : "cannot be listened on")"
        }
    }

    private static let host = "127.0.0.1"

    let exporter: PrometheusExporter
    /// The port; 0 for any that is free.
    let port: Int

    /// Serves while a function runs.
    ///
    /// - Parameter body: Is given the address of the page.
    /// - Throws: ``CannotListen`` before the function has begun, else what it throws.
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
        router.get("metrics") { [exporter] _, _ in
            Response(
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
        // Who scrapes when the run ends has his page; who holds a connection open for the next one does not hold it up.
        group.maximumGracefulShutdownDuration = .seconds(2)
        return ServiceGroup(configuration: group)
    }
}

/// Refuses all that is not GET.
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
    /// Runs a function, with somebody who counts turns where they are to be read.
    ///
    /// - Parameter body: Is given who is to be told of turns.
    /// - Throws: ``MetricsServer/CannotListen`` before the function has begun, else what it throws.
    func withMetrics(_ body: ([any TurnObserver]) async throws -> Void) async throws {
        guard let metrics else { return try await body([]) }
        let exporter = PrometheusExporter()
        let observer = TurnMetrics(factory: exporter, backend: store.backend)
        try await MetricsServer(exporter: exporter, port: metrics)
            .run { address in
                try FileHandle.standardError.write(contentsOf: Data("stateline: metrics at \(address)\n".utf8))
                try await body([observer])
            }
    }
}

extension LoadChoice {
    /// What the store is, as a label of metrics.
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
