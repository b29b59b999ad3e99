import NIOCore
import NIOPosix
import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

/// A server, a connection to it, and stores over that connection.
struct StoreFixture: Sendable {
    let server: RedisServer
    let sender: WatchedSender

    /// Runs a server while the body runs.
    static func run(
        _ options: RedisServer.Options = RedisServer.Options(),
        _ body: (StoreFixture) async throws -> Void
    ) async throws {
        try await RedisServer.run(options) { server in
            try server.command(["SCRIPT", "LOAD", StoreScript.text])
            let connection = try await RedisConnection.connect(
                to: .unixSocket(path: server.socketPath),
                configuration: .init(),
                on: MultiThreadedEventLoopGroup.singleton.next(),
                deadline: .now() + .seconds(10)
            )
            do {
                try await body(StoreFixture(server: server, sender: WatchedSender(connection)))
            } catch {
                await connection.close()
                throw error
            }
            await connection.close()
        }
    }

    /// Runs a server whose clock the body moves, if `movesClock`; on a server that does not see that, the test is
    /// cancelled.
    static func runTimed(
        movesClock: Bool = true,
        _ body: (StoreFixture) async throws -> Void
    ) async throws {
        var options = RedisServer.Options()
        options.clock = .manual
        try await run(options) { fixture in
            if movesClock { try fixture.server.requirePromptClock() }
            try await body(fixture)
        }
    }

    /// A store over the connection.
    func store(_ lifetime: Lifetime? = nil, retention: Duration = .seconds(7 * 86_400), pieceSize: Int = 8 << 20)
        -> RedisStore
    {
        RedisStore(sender: sender, lifetime: lifetime, retention: retention, pieceSize: pieceSize)
    }

    /// Commands of an administrator's, with the names of a session's keys for `g` and `l`.
    @discardableResult
    func command(_ arguments: String..., on key: SessionKey) throws -> String {
        let keys = StoredKeys(key)
        return try server.command(arguments.map { ["g": keys.guardKey, "l": keys.logKey][$0] ?? $0 })
    }
}

extension RedisServer {
    /// Cancels the test on Valkey 9.
    ///
    /// That server sees late that libfaketime has moved its clock: its own `TIME`, and a plain `SET` with `PX`, show
    /// the same, so that such a test says nothing about the store there.
    func requirePromptClock() throws {
        guard let version = try info("valkey_version") else { return }
        guard let major = version.split(separator: ".").first.flatMap({ Int($0) }), major >= 9 else { return }
        try Test.cancel("Valkey \(version) sees a moved clock late")
    }
}

extension RedisStore {
    /// Creates a session of some batches.
    func write(_ count: Int, to key: SessionKey, text: String = "text") async throws -> (LogWriter, [EncodedBatch]) {
        var writer = LogWriter(key)
        var batches: [EncodedBatch] = []
        for _ in 0..<count { batches.append(try await commit(text, to: &writer)) }
        return (writer, batches)
    }

    /// Appends a batch, which has to be committed.
    @discardableResult
    func commit(_ text: String, to writer: inout LogWriter) async throws -> EncodedBatch {
        var longer = writer
        let batch = longer.append(.prompt(text))
        let result = try await append(batch, to: writer.key, expecting: writer.position)
        guard case .committed = result else { throw NotCommitted(result: result) }
        writer = longer
        return batch
    }
}

/// A commit had another answer.
struct NotCommitted: Error {
    let result: AppendResult
}
