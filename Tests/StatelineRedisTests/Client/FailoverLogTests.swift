import Logging
import NIOCore
import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

extension SeveralServersTests {
    /// The log lines of redirections and failovers.
    @Suite struct FailoverLogTests {
        private let key = SessionKey("confidential id")

        @Test func `redirections and a failover of a cluster are logged, each by its kind`() async throws {
            let log = RecordedLog()
            try await RedisCluster.run { cluster in
                let seeds = cluster.nodes.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
                let store = RedisStore(try RedisURL("redis+cluster://\(seeds)"), configuration: log.configuration)
                var (writer, _) = try await store.write(1, to: key, text: "confidential")
                #expect(log.lines.isEmpty, "\(log.lines)")
                #expect(store.statistics.servers.count >= 3)

                let slot = Int(StoredKeys(key, in: nil).slot.rawValue)
                let source = try cluster.primary(of: slot)
                let target = try #require(
                    try (0..<3).map { try cluster.primary(of: $0 * 5461 + 100) }.first { $0 !== source }
                )
                try cluster.beginMigration(of: slot, from: source, to: target)
                for name in try cluster.keys(of: slot, in: source) {
                    try cluster.migrate(key: name, from: source, to: target)
                }
                try await store.commit("confidential", to: &writer)
                let asked = try log.only("a request was redirected", .debug)
                #expect(asked.value("kind") == "ask" && asked.value("target") == "127.0.0.1:\(target.port)")
                #expect(asked.value("server") == "127.0.0.1:\(source.port)")
                try cluster.endMigration(of: slot, to: target)
                // A line of the same kind may follow after a second.
                try await Task.sleep(for: .milliseconds(1100))
                try await store.commit("confidential", to: &writer)
                let moved = try #require(log.lines("a request was redirected").last)
                #expect(moved.value("kind") == "moved" && moved.value("target") == "127.0.0.1:\(target.port)")

                #expect(store.statistics.failovers == 0 && log.lines("the primaries changed").isEmpty)
                let replica = try cluster.replica(of: target)
                try await cluster.failover(to: replica)
                try await eventually {
                    try await store.commit("confidential", to: &writer)
                    return store.statistics.failovers > 0
                }
                let change = try #require(log.lines("the primaries changed").first)
                #expect(change.level == .warning && change.value("primaries")?.contains(":\(replica.port)") == true)
                log.expectNone(of: ["confidential"])
                await store.close()
            }
        }

        @Test func `a failover by sentinels is a lost connection, another primary, and a new connection`() async throws
        {
            let log = RecordedLog()
            try await RedisSentinel.run { watched in
                let hosts = watched.sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
                let url = try RedisURL("redis+sentinel://\(hosts)/\(watched.name)")
                var configuration = log.configuration
                configuration.attemptTimeout = .milliseconds(500)
                let store = RedisStore(url, configuration: configuration)
                var (writer, _) = try await store.write(1, to: key, text: "confidential")
                #expect(log.lines.isEmpty && store.statistics.servers.map(\.name) == [watched.name])
                let former = try watched.primary()
                await watched.sentinels[0].kill()
                await former.kill()
                try await store.commit("confidential", to: &writer)
                let lost = try log.only("a connection was lost", .warning)
                #expect(lost.value("server") == "127.0.0.1:\(former.port)")
                let primary = "127.0.0.1:\(try watched.primary().port)"
                let change = try log.only("the primaries changed", .warning)
                #expect(change.value("primaries") == "[\"\(primary)\"]")
                let again = try log.only("a connection was made again", .notice)
                #expect(again.value("server") == primary)
                let silent = try #require(log.lines("a sentinel gave no answer").first)
                #expect(silent.level == .warning && silent.value("server")?.hasPrefix("127.0.0.1:") == true)
                #expect(store.statistics.failovers == 1 && store.statistics.lostConnections == 1)
                log.expectNone(of: ["confidential"])
                await store.close()
            }
        }
    }
}
