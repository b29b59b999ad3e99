import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import StatelineTesting
import Testing

@testable import StatelineRedis

extension SeveralServersTests {
    @Suite struct RedisClusterClientTests {
        private static func client(_ cluster: RedisCluster) -> RedisClient {
            var configuration = ClusterConfiguration()
            configuration.nodeTimeout = .seconds(8)
            configuration.node.connectTimeout = .seconds(5)
            configuration.attemptTimeout = .milliseconds(500)
            return RedisClient(
                cluster: cluster.nodes.map { .host("localhost", port: $0.port) },
                configuration,
                on: MultiThreadedEventLoopGroup.singleton
            )
        }

        private static func request(_ words: String..., isRepeatable: Bool = false) -> RedisRequest {
            .of([words], slot: HashSlot(words[1]), isRepeatable: isRepeatable)
        }

        /// A key of a node's slots.
        private static func key(of node: RedisServer, in cluster: RedisCluster) throws -> String {
            for number in 0... {
                let key = "key-\(number)"
                if try cluster.primary(of: Int(HashSlot(key).rawValue)) === node { return key }
            }
            preconditionFailure("there is always another number")
        }

        @Test func `requests find their nodes while slots move and nodes fail over`() async throws {
            try await RedisCluster.run { cluster in
                try await with(Self.client(cluster)) { client in
                    try await Self.spreads(client)
                    try await Self.followsMigration(client, cluster)
                    try await Self.keepsCommandsApart(client, cluster)
                    try await Self.followsFailover(client, cluster)
                }
            }
        }

        private static func spreads(_ client: RedisClient) async throws {
            try await withThrowingTaskGroup(of: RESPValue.self) { group in
                for number in 0..<300 { group.addTask { try await client.send(request("SET", "k\(number)", "v")) } }
                for try await reply in group { #expect(reply == .status("OK")) }
            }
            let anywhere = try await client.send(.of("PING"))
            #expect(anywhere == .status("PONG"))
            let slots = try await client.primarySlots(deadline: .now() + .seconds(10))
            #expect(slots.map(\.?.rawValue) == [0, 5461, 10922])
            // One look on the way, one when the primaries were asked for, and no redirection.
            #expect(client.statistics.lookups <= 2)
            #expect(client.statistics.moves == 0 && client.statistics.retries == 0)
        }

        /// Counts up a key whose slot moves, key by key, to another node and is served there in the end.
        private static func followsMigration(_ client: RedisClient, _ cluster: RedisCluster) async throws {
            let (source, target) = (cluster.nodes[0], cluster.nodes[1])
            let key = "{\(try key(of: source, in: cluster))}:n"
            let slot = Int(HashSlot(key).rawValue)
            try await withThrowingTaskGroup(of: Int.self) { group in
                let isOver = Flag()
                for _ in 0..<8 {
                    group.addTask { await countUp(key, client, until: isOver) }
                }
                try await eventually { try source.command(["GET", key]) != "" }
                try cluster.beginMigration(of: slot, from: source, to: target)
                let before = client.statistics.asks
                try cluster.migrate(key: key, from: source, to: target)
                try await eventually { client.statistics.asks > before }
                #expect(client.statistics.moves == 0)
                try cluster.endMigration(of: slot, to: target)
                try await eventually { client.statistics.moves > 0 }
                isOver.raise()
                var total = 0
                for try await count in group { total += count }
                let reply = try await client.send(request("GET", key))
                #expect(reply == .text("\(total)"))
            }
        }

        /// Reads keys of one slot that are on two nodes, and writes them together once they are on one again.
        private static func keepsCommandsApart(_ client: RedisClient, _ cluster: RedisCluster) async throws {
            let (source, target) = (cluster.nodes[1], cluster.nodes[2])
            let tag = try key(of: source, in: cluster)
            let (a, b, none) = ("{\(tag)}:a", "{\(tag)}:b", "{\(tag)}:none")
            let slot = HashSlot(tag)
            _ = try await client.send(request("MSET", a, "1", b, "2"))
            let read = RedisRequest.of([["GET", a], ["GET", b], ["GET", none]], slot: slot)
            let both = RESPValue.array([.text("1"), .text("2"), .null])
            var reply = try await client.send(read)
            #expect(reply == both)
            try cluster.beginMigration(of: Int(slot.rawValue), from: source, to: target)
            reply = try await client.send(read)
            #expect(reply == both)
            try cluster.migrate(key: b, from: source, to: target)
            reply = try await client.send(read)
            #expect(reply == both)
            let waits = client.statistics.retries
            async let written = client.send(request("MSET", a, "3", b, "4"))
            try await eventually { client.statistics.retries > waits }
            try cluster.migrate(key: a, from: source, to: target)
            #expect(try await written == .status("OK"))
            try cluster.endMigration(of: Int(slot.rawValue), to: target)
            reply = try await client.send(read)
            #expect(reply == .array([.text("3"), .text("4"), .null]))
        }

        /// Counts up a key, each time once.
        ///
        /// - Returns: How often.
        private static func countUp(_ key: String, _ client: RedisClient, until isOver: Flag) async -> Int {
            var count = 0
            while !isOver.isUp {
                let outcome = await client.outcome(of: request("INCR", key))
                guard case .success(.integer) = outcome else {
                    Issue.record("\(outcome) after \(count)")
                    break
                }
                count += 1
            }
            return count
        }

        /// Counts up a key while its primary and its replica change places; nothing is lost and nothing counted twice.
        private static func followsFailover(_ client: RedisClient, _ cluster: RedisCluster) async throws {
            let primary = cluster.nodes[2]
            let key = "{\(try key(of: primary, in: cluster))}:m"
            try await withThrowingTaskGroup(of: Int.self) { group in
                let isOver = Flag()
                for _ in 0..<8 {
                    group.addTask { await countUp(key, client, until: isOver) }
                }
                let moves = client.statistics.moves
                try await cluster.failover(to: try cluster.replica(of: primary))
                try await eventually { client.statistics.moves > moves }
                isOver.raise()
                var total = 0
                for try await count in group { total += count }
                let reply = try await client.send(request("GET", key))
                #expect(reply == .text("\(total)"))
            }
        }

        @Test func `a shard that stands still or dies holds up nobody else, and is waited for`() async throws {
            try await RedisCluster.run { cluster in
                try await with(Self.client(cluster)) { client in
                    let keys = try cluster.nodes[..<3].map { try Self.key(of: $0, in: cluster) }
                    for key in keys { _ = try await client.send(Self.request("SET", key, "v")) }
                    await cluster.nodes[0].pause()
                    try await Self.loses(0, keys, client)
                    cluster.nodes[0].resume()
                    await cluster.nodes[1].kill()
                    try await Self.loses(1, keys, client)
                }
            }
        }

        /// Reads from a shard without a primary until there is another, and meanwhile from the others.
        private static func loses(_ lost: Int, _ keys: [String], _ client: RedisClient) async throws {
            async let held = client.send(request("GET", keys[lost], isRepeatable: true))
            for (index, key) in keys.enumerated() where index != lost {
                for _ in 0..<200 {
                    let outcome = await client.outcome(of: request("GET", key), within: .seconds(5))
                    #expect(outcome.reply == .text("v"))
                }
            }
            #expect(try await held == .text("v"))
        }

        @Test func `where no node answers requests fail at once, with few attempts, until the seeds are back`()
            async throws
        {
            var options = RedisServer.Options()
            options.arguments = ["--cluster-enabled", "yes", "--cluster-node-timeout", "500"]
            try await RedisServer.run(options) { server in
                try server.command(["CLUSTER", "ADDSLOTSRANGE", "0", "16383"])
                try await server.wait(until: "it serves") { try $0.clusterInfo("cluster_state") == "ok" }
                let client = RedisClient(
                    cluster: [.host("localhost", port: server.port)],
                    on: MultiThreadedEventLoopGroup.singleton
                )
                try await with(client) { client in
                    // A node that knows nobody knows no address of its own, and has that by which it was asked.
                    _ = try await client.send(Self.request("SET", "k", "v"))
                    await server.kill()
                    try await eventually {
                        await client.outcome(of: Self.request("GET", "k")).failure == "unreachable, notSent"
                    }
                    for _ in 0..<500 {
                        #expect(await client.outcome(of: Self.request("GET", "k")).failure == "unreachable, notSent")
                    }
                    #expect(client.statistics.connectAttempts < 100)
                    try await server.restart()
                    try await eventually { await client.outcome(of: Self.request("GET", "k")).reply == .null }
                }
            }
        }

        @Test func `a server that is no cluster is told from one that is down`() async throws {
            try await RedisServer.run { server in
                let client = RedisClient(try RedisURL("redis+cluster://127.0.0.1:\(server.port)"))
                #expect(await client.outcome(of: Self.request("GET", "k")).failure == "refused(code: \"ERR\"), notSent")
                await client.close()
            }
        }
    }
}

/// Something that is raised once, and seen by all.
final class Flag: Sendable {
    private let box = NIOLockedValueBox(false)

    /// Whether it was raised.
    var isUp: Bool { box.withLockedValue(\.self) }

    /// Raises it.
    func raise() { box.withLockedValue { $0 = true } }
}
