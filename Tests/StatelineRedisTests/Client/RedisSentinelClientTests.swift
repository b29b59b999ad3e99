import NIOCore
import StatelineTesting
import Testing

@testable import StatelineRedis

extension SeveralServersTests {
    @Suite struct RedisSentinelClientTests {
        private static func client(_ watched: RedisSentinel) throws -> RedisClient {
            let hosts = watched.sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
            var configuration = ClusterConfiguration()
            configuration.attemptTimeout = .milliseconds(500)
            return RedisClient(try RedisURL("redis+sentinel://\(hosts)/\(watched.name)"), configuration)
        }

        @Test func `the primary is followed from failover to failover`() async throws {
            try await RedisSentinel.run { watched in
                let client = try Self.client(watched)
                var written = 0
                func write() async throws {
                    written += 1
                    let reply = try await client.send(.of("SET", "n", "\(written)", isRepeatable: true))
                    #expect(reply == .status("OK"))
                    // The sentinel that is asked here may hear of a new primary later than the client's.
                    let value = "\(written)"
                    try await eventually { (try? watched.primary().command(["GET", "n"])) == value }
                }
                try await write()
                // Until it is told, a primary that was voted out takes writes that it will lose.
                let former = try watched.primary()
                try await watched.failover()
                try await former.wait(until: "it is a replica") { try $0.info("role") == "slave" }
                try await write()

                try await watched.settled()
                let killed = try watched.primary()
                await watched.sentinels[0].kill()
                await killed.kill()
                try await write()
                #expect(try watched.primary() !== killed)
                #expect(client.statistics.reconnections >= 2)

                for sentinel in watched.sentinels { await sentinel.kill() }
                try await write(while: watched)
                await client.close()

                func write(while watched: RedisSentinel) async throws {
                    // The connection stands, and nobody has to be asked.
                    let reply = try await client.send(.of("GET", "n"))
                    #expect(reply == .text("\(written)"))
                }
            }
        }

        @Test func `where no sentinel answers, or none knows the name, requests fail at once`() async throws {
            try await RedisServer.run { server in
                let port = server.port
                let strange = RedisClient(try RedisURL("redis+sentinel://127.0.0.1:\(port)/main"))
                #expect(await strange.outcome(of: .of("PING")).failure == "refused(code: \"SENTINEL\"), notSent")
                await strange.close()
                await server.kill()
                let nobody = RedisClient(try RedisURL("redis+sentinel://127.0.0.1:\(port)/main"))
                for _ in 0..<200 { #expect(await nobody.outcome(of: .of("PING")).failure == "unreachable, notSent") }
                #expect(nobody.statistics.connectAttempts < 50)
                await nobody.close()
            }
        }
    }
}
