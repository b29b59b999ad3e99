import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

@Suite struct AdmissionTests {
    private let key = SessionKey("session")

    @Test func `of many first operations at once one asks the server whether it may keep sessions`() async throws {
        try await RedisServer.run { server in
            let store = RedisStore(try RedisURL("redis://127.0.0.1:\(server.port)"))
            try server.command(["CONFIG", "RESETSTAT"])
            try await withThrowingTaskGroup { group in
                for _ in 0..<50 {
                    group.addTask {
                        let result = try await store.load(key, after: nil)
                        #expect(result == .gone(.absent))
                    }
                }
                try await group.waitForAll()
            }
            _ = try await store.load(key, after: nil)
            let calls = try server.calls(of: "info")
            #expect(calls == 1)
            await store.close()
        }
    }

    @Test func `a server that evicts is asked again, until it does not`() async throws {
        try await RedisServer.run { server in
            try server.command(["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"])
            let store = RedisStore(try RedisURL("redis://127.0.0.1:\(server.port)"))
            for _ in 0..<3 {
                let error = await #expect(throws: StoreError.self) { try await store.load(key, after: nil) }
                #expect(error?.reason == .denied && error?.committed == .no)
            }
            try server.command(["CONFIG", "SET", "maxmemory-policy", "noeviction"])
            try await eventually { (try? await store.load(key, after: nil)) == .gone(.absent) }
            await store.close()
        }
    }

    @Test func `who is cancelled leaves the others their answer`() async throws {
        try await RedisServer.run { server in
            await server.pause()
            let store = RedisStore(try RedisURL("redis://127.0.0.1:\(server.port)"))
            let first = Task { try await store.load(key, after: nil) }
            let second = Task { try await store.load(key, after: nil) }
            first.cancel()
            let error = await #expect(throws: StoreError.self) { try await first.value }
            #expect(error?.committed == .no)
            server.resume()
            let result = try await second.value
            #expect(result == .gone(.absent))
            await store.close()
        }
    }
}

extension RedisServer {
    /// How often a command was called since the statistics were reset.
    fileprivate func calls(of command: String) throws -> Int {
        let text = try self.command(["INFO", "commandstats"])
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_\(command):calls=") }
        guard let line else { return 0 }
        return Int(line.split(separator: "=")[1].prefix { $0.isNumber }) ?? 0
    }
}

/// Admission where there are several servers, of which each is asked when it is first used.
@Suite(.serialized) struct ClusterAdmissionTests {
    private static func url(_ cluster: RedisCluster) throws -> RedisURL {
        try RedisURL("redis+cluster://" + cluster.nodes.map { "127.0.0.1:\($0.port)" }.joined(separator: ","))
    }

    /// Creates a session on a node.
    private static func create(on node: RedisServer, of cluster: RedisCluster, in store: RedisStore) async throws
        -> AppendResult
    {
        var writer = LogWriter(try NetworkFaultTests.ClusterTests.session(on: node, of: cluster))
        let origin = writer.position
        let batch = writer.append(.prompt("creation"))
        return try await store.append(batch, to: writer.key, expecting: origin)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a store that is made while one shard stands still serves the others`() async throws {
        var options = RedisServer.Options()
        options.arguments = ["--cluster-require-full-coverage", "no"]
        try await RedisCluster.run(options) { cluster in
            await cluster.nodes[2].pause()
            await cluster.nodes[5].pause()
            for node in cluster.nodes[..<2] {
                let store = RedisStore(try Self.url(cluster))
                let result = try await Self.create(on: node, of: cluster, in: store)
                #expect(result == .committed(.primary))
                await store.close()
            }
            cluster.nodes[2].resume()
            cluster.nodes[5].resume()
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a replica that evicts is refused when it is promoted, and the other shards are served`() async throws {
        try await RedisCluster.run { cluster in
            try cluster.nodes[3].command(["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"])
            let store = RedisStore(try Self.url(cluster))
            let before = try await Self.create(on: cluster.nodes[0], of: cluster, in: store)
            #expect(before == .committed(.primary))
            try await cluster.failover(to: cluster.nodes[3])
            let error = await #expect(throws: StoreError.self) {
                try await Self.create(on: cluster.nodes[3], of: cluster, in: store)
            }
            #expect(error?.reason == .denied && error?.committed == .no)
            #expect(error?.message.contains("allkeys-lru") == true)
            let other = try await Self.create(on: cluster.nodes[1], of: cluster, in: store)
            #expect(other == .committed(.primary))
            await store.close()
        }
    }
}
