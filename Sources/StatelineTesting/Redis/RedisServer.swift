internal import Foundation
internal import NIOConcurrencyHelpers
internal import NIOCore

/// A real `redis-server` for the duration of a test: Debian package `redis-server`.
///
/// ```swift
/// try await RedisServer.run { server in
///     // connect to 127.0.0.1 at server.port, or to server.socketPath
///     try server.command(["CONFIG", "SET", "maxmemory", "2mb"])
///     await server.kill()
///     try await server.restart()
/// }
/// ```
///
/// It runs in a temporary folder and listens on a free port of 127.0.0.1 and on a unix socket. When the body has
/// returned, thrown or was cancelled, it has ended and its folder is removed. If the process of the tests dies, even by
/// kill -9, the server is killed as well.
public final class RedisServer: Sendable {
    /// The port.
    public let port: Int
    /// The port for TLS; `nil` if the options have no certificates.
    public let tlsPort: Int?
    /// Its working folder, with its configuration, its log and its files.
    public let folder: String

    let options: Options
    let kind: Kind
    let administrator: Administrator
    let process: NIOLockedValueBox<ServerProcess>
    let clock: ServerClock?

    /// The role of the program.
    enum Kind: Hashable, Sendable {
        case server
        /// A sentinel, with the configuration lines of the watched primary.
        case sentinel([String])
    }

    private init(_ options: Options, kind: Kind, port: Int, tlsPort: Int?, folder: String) throws {
        self.options = options
        self.kind = kind
        self.port = port
        self.tlsPort = tlsPort
        self.folder = folder
        let password = (0..<4).map { _ in String(UInt64.random(in: 0...UInt64.max), radix: 36) }.joined()
        self.administrator = Administrator(
            socketPath: folder + "/redis.sock",
            credentials: ["AUTH", "administrator", password]
        )
        self.clock = options.clock == .manual ? try ServerClock(folder: folder) : nil
        var sentinel: [String]?
        if case .sentinel(let lines) = kind { sentinel = lines }
        let configuration = options.configuration(
            folder: folder,
            port: port,
            tlsPort: tlsPort,
            administrator: password,
            sentinel: sentinel != nil
        )
        try write(configuration + (sentinel ?? []).map { $0 + "\n" }.joined(), to: folder + "/redis.conf")
        self.process = NIOLockedValueBox(try Self.start(options, kind, folder: folder, clock: clock))
    }

    /// Runs a server while the body runs.
    ///
    /// - Parameters:
    ///   - options: Its options.
    ///   - body: A function that uses the server, which answers already.
    /// - Returns: The body's result.
    /// - Throws: The body's error; ``RedisServerError`` if the server did not start, with the command that installs a
    ///   missing program, or with the end of the server's log.
    public static func run<Result>(
        _ options: Options = Options(),
        _ body: (RedisServer) async throws -> Result
    ) async throws -> Result {
        try await ServerTurn.take(ServerTurn.single) { try await running(options, body) }
    }

    private static func running<Result>(
        _ options: Options,
        _ body: (RedisServer) async throws -> Result
    ) async throws -> Result {
        let server = try await begin(options)
        do {
            let result = try await body(server)
            await server.end()
            return result
        } catch {
            await server.end()
            throw error
        }
    }

    /// Starts a server.
    ///
    /// The caller must end it.
    static func begin(_ options: Options, kind: Kind = .server) async throws -> RedisServer {
        var last: any Error = RedisServerError(.notStarted, message: "no free port was found")
        for _ in 0..<8 {
            let folder = try TemporaryFolder.make()
            do {
                let server = try RedisServer(
                    options,
                    kind: kind,
                    port: try await FreePort.find(),
                    tlsPort: options.tls == nil ? nil : try await FreePort.find(),
                    folder: folder
                )
                do {
                    try await server.ready()
                    return server
                } catch {
                    let isPortTaken = server.log.contains("Address already in use")
                    await server.end()
                    last = error
                    guard isPortTaken else { break }
                }
            } catch {
                TemporaryFolder.remove(folder)
                throw error
            }
        }
        throw last
    }

    /// Ends the server and removes its folder.
    func end() async {
        await process.withLockedValue(\.self).end()
        TemporaryFolder.remove(folder)
    }

    static func start(
        _ options: Options,
        _ kind: Kind,
        folder: String,
        clock: ServerClock?
    ) throws -> ServerProcess {
        guard let path = executable(options.executable) else {
            throw RedisServerError.missing(options.executable, package: "redis-server")
        }
        return try ServerProcess(
            path,
            [folder + "/redis.conf"] + (kind == .server ? [] : ["--sentinel"]) + options.arguments,
            environment: clock?.environment ?? [:],
            folder: folder
        )
    }

    /// Waits until the server answers.
    func ready() async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        var attempts = 0
        while true {
            attempts += 1
            let replies = try? await administrator.exchange([[ByteBuffer(string: "PING")]], within: .seconds(1)).get()
            if replies == [.status("PONG")] { return }
            let isRunning = process.withLockedValue(\.isRunning)
            // On a busy machine one attempt may take all of the time.
            guard isRunning, attempts < 20 || ContinuousClock.now < deadline else {
                let what = isRunning ? "did not answer in 20 s" : "ended at its start"
                throw RedisServerError(.notStarted, message: "redis-server \(what); the end of its log:\n\(logTail)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// The unix socket.
    public var socketPath: String { folder + "/redis.sock" }
    /// The id of its process.
    public var pid: Int32 { process.withLockedValue(\.pid) }
    /// `true` if its process is running or paused.
    public var isRunning: Bool { process.withLockedValue(\.isRunning) }
    /// Its log, over all its starts.
    public var log: String { (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "" }
    /// The end of the log, for errors.
    var logTail: String { log.split(separator: "\n").suffix(12).joined(separator: "\n") }
}
