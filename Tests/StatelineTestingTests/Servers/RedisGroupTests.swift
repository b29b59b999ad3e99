import Foundation
import StatelineTesting
import Testing

@Suite(.serialized) struct RedisGroupTests {
    @Test func `a cluster serves all slots, moves a slot and promotes the replica of a killed primary`() async throws {
        let pids = try await RedisCluster.run { cluster in
            let source = try cluster.primary(of: 0)
            #expect(source === cluster.nodes[0])
            #expect(try cluster.replica(of: source) === cluster.nodes[3])
            let target = try cluster.primary(of: 16_383)
            #expect(target === cluster.nodes[2])

            // The keyslot of 3560 is 0.
            #expect(try source.command(["CLUSTER", "KEYSLOT", "3560"]) == "0")
            try source.command(["SET", "3560", "value"])
            try cluster.beginMigration(of: 0, from: source, to: target)
            #expect(throws: RedisServerError.self) { try source.command(["GET", "{3560}other"]) }
            try cluster.migrate(key: "3560", from: source, to: target)
            let ask = #expect(throws: RedisServerError.self) { try source.command(["GET", "3560"]) }
            #expect(ask?.message == "ASK 0 127.0.0.1:\(target.port)")
            try cluster.endMigration(of: 0, to: target)
            #expect(try cluster.primary(of: 0) === target)
            #expect(try target.command(["GET", "3560"]) == "value")
            #expect(try cluster.primary(of: 1) === source)

            try await cluster.failover(to: cluster.nodes[4])
            #expect(try cluster.primary(of: 8000) === cluster.nodes[4])

            await source.kill()
            try await cluster.nodes[3].wait(until: "promoted") { try $0.info("role") == "master" }
            #expect(try cluster.primary(of: 1) === cluster.nodes[3])
            return cluster.nodes.map(\.pid)
        }
        #expect(pids.allSatisfy { kill($0, 0) == -1 })
    }

    @Test func `sentinels name the primary, and another one when it was killed`() async throws {
        try await RedisSentinel.run { watched in
            let first = try watched.primary()
            #expect(first === watched.servers[0])
            try first.command(["SET", "key", "value"])
            #expect(try first.command(["WAIT", "2", "5000"]) != "")
            await first.kill()
            let second = try await watched.promotion(after: first)
            #expect(try second.command(["GET", "key"]) == "value")
        }
    }
}
