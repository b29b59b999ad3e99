internal import NIOCore
internal import NIOPosix

/// A bare connection, for benchmarks only; it may change at any time.
///
/// The connection itself is internal. A benchmark needs less than its interface, so it gets this type behind an SPI.
@_spi(Benchmark)
public struct ConnectionProbe: Sendable {
    private let connection: RedisConnection

    /// Connects over TCP, or over TLS if a file of certificates is given.
    ///
    /// - Parameters:
    ///   - host: The server's name.
    ///   - port: Its port.
    ///   - certificates: The path of a PEM file of trusted authorities.
    /// - Throws: An error if there was no connection or no reply.
    public init(host: String, port: Int, certificates: String? = nil) async throws {
        var configuration = RedisConnection.Configuration()
        configuration.tls = certificates.map { RedisTLS(trust: .file(path: $0)) }
        try await self.init(.host(host, port: port), configuration)
    }

    /// Connects over a unix socket.
    ///
    /// - Parameter unixSocket: The socket's path.
    /// - Throws: An error if there was no connection or no reply.
    public init(unixSocket: String) async throws {
        try await self.init(.unixSocket(path: unixSocket), RedisConnection.Configuration())
    }

    private init(_ endpoint: RedisEndpoint, _ configuration: RedisConnection.Configuration) async throws {
        connection = try await RedisConnection.connect(
            to: endpoint,
            configuration: configuration,
            on: MultiThreadedEventLoopGroup.singleton.next(),
            deadline: .now() + .seconds(10)
        )
    }

    /// The connection's event loop, as an executor for tasks.
    public var executor: any TaskExecutor { connection.executor }

    /// Reads a string repeatedly, each time with a new encoding and deadline.
    ///
    /// - Parameters:
    ///   - key: Its key.
    ///   - times: The number of reads.
    /// - Returns: The number of bytes received.
    /// - Throws: An error if there was no connection or no reply.
    public func get(_ key: String, times: Int) async throws -> Int {
        var count = 0
        let command = ["GET", key]
        let request = RedisRequest(slot: nil, isRepeatable: true) { $0.command(command) }
        for _ in 0..<times {
            if case .bytes(let bytes) = try await connection.send(request, deadline: .now() + .seconds(10)) {
                count += bytes.readableBytes
            }
        }
        return count
    }

    /// Sends a command and waits for its reply.
    ///
    /// - Parameter arguments: The command's name and arguments.
    /// - Throws: An error if there was no reply, or an error reply.
    public func send(_ arguments: [String]) async throws {
        let request = RedisRequest(slot: nil, isRepeatable: false) { $0.command(arguments) }
        guard case .error(let text) = try await connection.send(request, deadline: .now() + .seconds(10)) else {
            return
        }
        throw RedisError(
            .refused(code: RedisError.code(of: text)),
            .notExecuted,
            message: "the server refused the command"
        )
    }

    /// Closes the connection.
    public func close() async {
        await connection.close()
    }
}
