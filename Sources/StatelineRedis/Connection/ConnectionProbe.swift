internal import NIOCore
internal import NIOPosix

/// One connection and nothing around it, for the benchmarks alone; nothing of it is promised to anybody.
///
/// The connection itself is internal, and what a benchmark of it needs is less than its interface: so this, behind an SPI,
/// and not a public connection that adopters would find.
@_spi(Benchmark)
public struct ConnectionProbe: Sendable {
    private let connection: RedisConnection

    /// Connects over TCP or, where a file of certificates is given, over TLS.
    ///
    /// - Parameters:
    ///   - host: The server's name.
    ///   - port: Its port.
    ///   - certificates: A PEM file of those whose signature is trusted.
    /// - Throws: ``RedisError``.
    public init(host: String, port: Int, certificates: String? = nil) async throws(RedisError) {
        var configuration = RedisConnection.Configuration()
        configuration.tls = certificates.map { RedisTLS(trust: .file(path: $0)) }
        try await self.init(.host(host, port: port), configuration)
    }

    /// Connects over a unix socket.
    ///
    /// - Parameter unixSocket: Its path.
    /// - Throws: ``RedisError``.
    public init(unixSocket: String) async throws(RedisError) {
        try await self.init(.unixSocket(path: unixSocket), RedisConnection.Configuration())
    }

    private init(_ endpoint: RedisEndpoint, _ configuration: RedisConnection.Configuration) async throws(RedisError) {
        connection = try await RedisConnection.connect(
            to: endpoint,
            configuration: configuration,
            on: MultiThreadedEventLoopGroup.singleton.next(),
            deadline: .now() + .seconds(10)
        )
    }

    /// The connection's loop, for tasks.
    public var executor: any TaskExecutor { connection.executor }

    /// Reads a string again and again, each time encoded anew and with a deadline of its own.
    ///
    /// - Parameters:
    ///   - key: Its key.
    ///   - times: How often.
    /// - Returns: How many bytes came in all.
    /// - Throws: ``RedisError``.
    public func get(_ key: String, times: Int) async throws(RedisError) -> Int {
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
    /// - Parameter arguments: Its name and its arguments.
    /// - Throws: ``RedisError``, an error of the server's too.
    public func send(_ arguments: [String]) async throws(RedisError) {
        let request = RedisRequest(slot: nil, isRepeatable: false) { $0.command(arguments) }
        guard case .error(let text) = try await connection.send(request, deadline: .now() + .seconds(10)) else {
            return
        }
        throw RedisError(.refused(code: RedisError.code(of: text)), .notExecuted, message: "the server refused")
    }

    /// Closes the connection.
    public func close() async {
        await connection.close()
    }
}
