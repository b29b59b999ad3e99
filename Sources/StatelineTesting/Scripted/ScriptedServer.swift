public import NIOCore
internal import NIOPosix
internal import Synchronization

/// A TCP server on 127.0.0.1 that plays one prepared answer for each request, and records the requests.
///
/// ```swift
/// try await ScriptedServer.run([.response(429, body: "{}")]) { server in
///     // call server.baseURL, then look at server.requests
/// }
/// ```
///
/// A request is HTTP/1.1 with a length, or the greeting of TLS. Answers are raw bytes.
public final class ScriptedServer: Sendable {
    private struct State {
        var answers: ArraySlice<ScriptedAnswer>
        var requests: [ByteBuffer] = []
        var connections: [any Channel] = []
        var sentBytes = 0
    }

    private let state: Mutex<State>
    private let listener: Mutex<(any Channel)?> = Mutex(nil)

    private init(_ answers: [ScriptedAnswer]) {
        self.state = Mutex(State(answers: answers[...]))
    }

    /// Serves on a free port while the body runs, then closes all connections.
    ///
    /// - Parameters:
    ///   - answers: The answers, in the order of requests; after the last, requests are answered with status 500.
    ///   - body: A function that uses the server.
    /// - Returns: The body's result.
    /// - Throws: The body's error, or an error if no port is free.
    public static func run<Result>(
        _ answers: [ScriptedAnswer],
        _ body: (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        let server = ScriptedServer(answers)
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ScriptedConnection(server))
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        server.listener.withLock { $0 = listener }
        do {
            let result = try await body(server)
            await server.close()
            return result
        } catch {
            await server.close()
            throw error
        }
    }

    private func close() async {
        let channels = state.withLock(\.connections) + listener.withLock { $0.map { [$0] } ?? [] }
        for channel in channels {
            channel.close(promise: nil)
            try? await channel.closeFuture.get()
        }
    }

    /// The port.
    public var port: Int { listener.withLock { $0?.localAddress?.port ?? 0 } }

    /// The base URL of the answers.
    public var baseURL: String { "http://127.0.0.1:\(port)/v1" }

    /// The requests so far: head and body, as they were received.
    public var requests: [ByteBuffer] { state.withLock(\.requests) }

    /// The number of connections that were made.
    public var connectionCount: Int { state.withLock(\.connections.count) }

    /// The number of connections that are open.
    public var openConnectionCount: Int { state.withLock { $0.connections.count { $0.isActive } } }

    /// The number of bytes of answers that were handed to sockets or wait for them.
    public var sentBytes: Int { state.withLock(\.sentBytes) }

    /// Waits until the newest connection has been closed by either side.
    public func lastConnectionClosed() async throws {
        try await state.withLock(\.connections.last)?.closeFuture.get()
    }

    func opened(_ channel: any Channel) {
        state.withLock { $0.connections.append(channel) }
    }

    func sent(_ count: Int) {
        state.withLock { $0.sentBytes += count }
    }

    func answer(to request: ByteBuffer) -> ScriptedAnswer {
        state.withLock { state in
            state.requests.append(request)
            return state.answers.popFirst() ?? .response(500, body: #"{"error":{"message":"the script has ended"}}"#)
        }
    }
}
