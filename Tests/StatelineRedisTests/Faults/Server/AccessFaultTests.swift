import Foundation
import Stateline
import StatelineLoad
import StatelineTesting
import Testing

@testable import StatelineRedis

/// Rights that change, and scripts that are forgotten, while everybody works.
@Suite(.serialized) struct AccessFaultTests {
    /// F44: another password.
    @Test func `a changed password is denied and not committed, asked for a few times and never told`() async throws {
        let secret = "correct-horse-battery"
        var options = RedisServer.Options()
        options.users = ["app on >\(secret) ~sl1:* +@all"]
        try await FaultFixture.run(options) {
            $0.connection.user = "app"
            $0.connection.password = Secret(secret)
        } _: { fixture in
            let counts = try await FaultLoad.run(8, on: FaultFixture.keys(4), of: fixture.watched) { load in
                try await load.progress(by: 30)
                let attempts = fixture.client.statistics.connectAttempts
                try fixture.server.command(["ACL", "SETUSER", "app", "resetpass", ">another"])
                try fixture.server.command(["CLIENT", "KILL", "USER", "app"])
                try await eventually { load.counts.errors.count >= 300 }
                let denied = fixture.client.statistics.connectAttempts - attempts
                #expect(denied <= 30, "\(denied) attempts for 300 refusals")
                let calls = try Self.failedCalls("auth", fixture.server)
                #expect(calls <= 30, "\(calls) times AUTH")
                try fixture.server.command(["ACL", "SETUSER", "app", ">\(secret)"])
                try await load.progress(by: 10)
            }
            let refused = counts.errors.filter { $0.reason == .denied }
            #expect(refused.count >= 250)
            #expect(refused.allSatisfy { $0.committed == .no })
            #expect(counts.errors.allSatisfy { !"\($0)".contains(secret) && !$0.message.contains("app") })
            #expect(counts.obstacles.isEmpty)
        }
    }

    /// F44: a right that was taken away.
    @Test func `a right that is taken away is denied and not committed, and works again when it is given back`()
        async throws
    {
        var options = RedisServer.Options()
        options.users = ["app on >secret ~sl1:* +@all"]
        try await FaultFixture.run(options) {
            $0.connection.user = "app"
            $0.connection.password = Secret("secret")
        } _: { fixture in
            let connections = { fixture.client.statistics.connectAttempts }
            let counts = try await FaultLoad.run(4, on: FaultFixture.keys(2), of: fixture.watched) { load in
                try await load.progress(by: 20)
                let before = connections()
                try fixture.server.command(["ACL", "SETUSER", "app", "-evalsha", "-eval"])
                try await eventually { load.counts.errors.count >= 40 }
                #expect(connections() - before <= 2, "a refusal is no reason to connect again")
                try fixture.server.command(["ACL", "SETUSER", "app", "+evalsha", "+eval"])
                try await load.progress(by: 20)
            }
            #expect(counts.errors.allSatisfy { $0.reason == .denied && $0.committed == .no }, "\(Set(counts.errors))")
            #expect(counts.obstacles.isEmpty)
        }
    }

    /// F45: NOSCRIPT.
    @Test func `scripts that are flushed under load are told again, and nobody notices`() async throws {
        try await FaultFixture.run { fixture in
            let counts = try await FaultLoad.run(8, on: FaultFixture.keys(4), of: fixture.watched) { load in
                for _ in 0..<20 {
                    try fixture.server.command(["SCRIPT", "FLUSH"])
                    try await load.progress(by: 8)
                }
            }
            #expect(counts.errors.isEmpty, "\(counts.errors)")
            #expect(counts.obstacles.isEmpty)
            #expect(try Self.failedCalls("evalsha", fixture.server) > 0, "no script was ever missed")
        }
    }

    /// How often a command failed.
    private static func failedCalls(_ command: String, _ server: RedisServer) throws -> Int {
        let fields = try server.info("cmdstat_\(command)")?.split(separator: ",") ?? []
        return fields.first { $0.hasPrefix("failed_calls=") }.flatMap { Int($0.dropFirst(13)) } ?? 0
    }
}
