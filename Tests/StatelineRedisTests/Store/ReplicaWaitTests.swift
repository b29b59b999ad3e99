import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

/// Commits that wait for replicas.
@Suite(.serialized) struct ReplicaWaitTests {
    private static let count = 200

    /// Runs a server and a replica that follows it.
    private static func run(_ body: (_ server: RedisServer, _ replica: RedisServer) async throws -> Void) async throws {
        try await RedisServer.run { server in
            var options = RedisServer.Options()
            options.arguments = ["--replicaof", "127.0.0.1", String(server.port)]
            try await RedisServer.run(options) { replica in
                try await replica.wait(until: "the link is up") { try $0.info("master_link_status") == "up" }
                try await body(server, replica)
            }
        }
    }

    /// Creates sessions at once, and returns the results.
    private static func create(_ count: Int, in store: RedisStore) async throws -> [AppendResult] {
        try await withThrowingTaskGroup(of: AppendResult.self) { group in
            for number in 0..<count {
                group.addTask {
                    var writer = LogWriter(SessionKey("session \(number)"))
                    let origin = writer.position
                    let batch = writer.append(.prompt("creation"))
                    return try await store.append(batch, to: writer.key, expecting: origin)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `200 creations at once commit while the only replica stands still, and the level is told`() async throws {
        try await Self.run { server, replica in
            await replica.pause()
            let store = RedisStore(
                try RedisURL("redis+unix://\(server.socketPath)"),
                acknowledgement: .replicas(1, timeout: .milliseconds(500))
            )
            let results = try await Self.create(Self.count, in: store)
            #expect(results == Array(repeating: .committed(.replicas(0)), count: Self.count))
            replica.resume()
            await store.close()
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `200 creations at once reach the replica, with fewer questions than commits`() async throws {
        try await Self.run { server, _ in
            let store = RedisStore(
                try RedisURL("redis+unix://\(server.socketPath)"),
                acknowledgement: .replicas(1, timeout: .seconds(10))
            )
            let results = try await Self.create(Self.count, in: store)
            #expect(results == Array(repeating: .committed(.replicas(1)), count: Self.count))
            let waits = try server.info("cmdstat_wait")?.split(separator: ",").first?.split(separator: "=").last
            let count = try #require(waits.flatMap { Int($0) })
            #expect(count < Self.count / 4, "\(count) times WAIT for \(Self.count) commits")
            await store.close()
        }
    }
}
