import NIOCore
import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

/// The findings of `RedisStore.check`.
@Suite struct StoreCheckTests {
    private static func findings(_ server: RedisServer) async throws -> [StoreFinding] {
        try await RedisStore.check(try RedisURL("redis://127.0.0.1:\(server.port)"))
    }

    @Test func `evicted keys are a warning even if the policy was changed since`() async throws {
        try await RedisServer.run { server in
            let before = try await Self.findings(server)
            #expect(!before.contains { $0.subject == "eviction" })
            try server.command(["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"])
            try server.command(["CONFIG", "SET", "maxmemory", "3000000"])
            let flood = "for i = 1, 5000 do redis.call('SET', 'k' .. i, string.rep('x', 1000)) end"
            try server.command(["EVAL", flood, "0"])
            try server.command(["CONFIG", "SET", "maxmemory-policy", "noeviction"])
            try server.command(["CONFIG", "SET", "maxmemory", "0"])
            let findings = try await Self.findings(server)
            #expect(findings.first { $0.subject == "eviction" }?.severity == .warning)
        }
    }

    @Test func `a file that is never synchronized is a warning`() async throws {
        try await RedisServer.run { server in
            try server.command(["CONFIG", "SET", "appendonly", "yes"])
            let sound = try await Self.findings(server)
            #expect(sound.first { $0.subject == "appendfsync" }?.severity == .fine)
            try server.command(["CONFIG", "SET", "appendfsync", "no"])
            let findings = try await Self.findings(server)
            #expect(findings.first { $0.subject == "appendfsync" }?.severity == .warning)
        }
    }

    @Test func `replicas that are missing and replicas that would evict are problems`() async throws {
        try await RedisServer.run { server in
            try server.command(["CONFIG", "SET", "min-replicas-to-write", "1"])
            let alone = try await Self.findings(server)
            #expect(alone.first { $0.subject == "min-replicas" }?.severity == .problem)
            var options = RedisServer.Options()
            options.arguments = ["--replicaof", "127.0.0.1", String(server.port)]
            try await RedisServer.run(options) { replica in
                try await replica.wait(until: "the link is up") { try $0.info("master_link_status") == "up" }
                try await server.wait(until: "the replica is counted") { try $0.info("connected_slaves") == "1" }
                let sound = try await Self.findings(server)
                #expect(sound.first { $0.subject == "min-replicas" }?.severity == .fine)
                #expect(!sound.contains { $0.subject == "replica" })
                try replica.command(["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"])
                let findings = try await Self.findings(server)
                #expect(findings.first { $0.subject == "replica" }?.severity == .problem)
            }
        }
    }

    @Test func `Valkey is called by its own name and version`() {
        let facts = ServerFacts("redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.8\r\n")
        #expect(facts.findings().first?.found == "Valkey 8.1.8, compatible with Redis 7.2.4")
        #expect(facts.findings().first?.severity == .fine)
    }

    @Test func `what a user may not read is not called good, and the missing right is named`() async throws {
        try await RedisServer.run { server in
            func findings(_ user: String, without rights: String...) async throws -> [String: StoreFinding] {
                try server.command(["ACL", "SETUSER", user, "on", ">word", "~*", "+@all"] + rights.map { "-\($0)" })
                let url = try RedisURL("redis://\(user):word@127.0.0.1:\(server.port)")
                return Dictionary(try await RedisStore.check(url).map { ($0.subject, $0) }) { $1 }
            }
            let blind = try await findings("blind", without: "info", "config|get", "acl|whoami")
            #expect(blind["server"]?.severity == .warning)
            #expect(blind["server"]?.found == "not readable: version, memory, persistence, replicas (+info)")
            #expect(blind["settings"]?.severity == .unchecked)
            #expect(blind["settings"]?.advice.contains("grant +config|get") == true)
            #expect(blind["rights"]?.severity == .unchecked)
            #expect(blind["rights"]?.found == "not readable: this user's rights (+acl|whoami +acl|dryrun)")
            let other = try await findings("other", without: "acl|dryrun")
            #expect(other["rights"]?.found == "not readable: the rights of other (+acl|dryrun)")
            #expect(other["settings"]?.severity != .unchecked && other["server"] == nil)
        }
    }

    @Test func `a server without CONFIG GET is told from a user without the right`() throws {
        let finding = try #require(ServerSettings([.error("ERR unknown command")]).findings(ServerFacts("")).first)
        #expect(finding.severity == .unchecked && !finding.found.contains("+"))
        #expect(finding.advice.hasPrefix("The server refused CONFIG GET (ERR)"))
    }

    @Test func `the policy of a replica that cannot be reached is not called good`() async throws {
        let url = try RedisURL("redis://127.0.0.1:1")
        let finding = await ReplicaCheck(url: url, timeout: .seconds(5)).finding(.host("127.0.0.1", port: 1))
        #expect(finding?.severity == .unchecked)
        #expect(finding?.found == "not readable: maxmemory-policy of 127.0.0.1:1 (no connection)")
    }
}
