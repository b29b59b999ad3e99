import NIOCore
import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

/// The figures of a store that its users can reach.
@Suite struct RedisStatisticsTests {
    @Test func `each count is one figure, each name and set of labels occurs once`() {
        var statistics = RedisStatistics()
        let counts: [WritableKeyPath<RedisStatistics, Int>] = [
            \.connections, \.slowConnections, \.refusedConnections, \.failedConnections, \.lostConnections,
            \.reconnections, \.failovers, \.connectTimeouts, \.replyTimeouts, \.overloads, \.retries, \.moves, \.asks,
            \.lookups, \.mismatches,
        ]
        for (index, path) in counts.enumerated() { statistics[keyPath: path] = index + 1 }
        // Attempts are the sum of their results, and so no figure of their own.
        #expect(statistics.events.count == counts.count)
        statistics.servers = ["a:1", "b:1"].map { RedisStatistics.Server(name: $0, commandsInFlight: 7) }
        let values = statistics.metricValues(of: "pool")
        #expect(Set(values.map { "\($0.name) \($0.labels.sorted { $0.key < $1.key })" }).count == values.count)
        let counters = values.filter { $0.kind == .counter }.map(\.value)
        #expect(Set(counters) == Set(1...counts.count))
        let inFlight = values.filter { $0.name == "stateline.store.inflight" }
        #expect(inFlight.map(\.labels) == [["shard": "a:1"], ["shard": "b:1"]])
    }

    @Test func `the state of a server shows commands in flight and requests that wait`() async throws {
        try await RedisServer.run { server in
            let store = RedisStore(try RedisURL("redis://127.0.0.1:\(server.port)"))
            _ = try await store.load(SessionKey("s"), after: nil)
            // The reply is given before the connection has published that nothing is due.
            try await eventually { store.statistics.servers.map(\.idleConnections) == [1] }
            await server.pause()
            async let loads: Void = withTaskGroup(of: Void.self) { group in
                for _ in 0..<5 { group.addTask { _ = try? await store.load(SessionKey("s"), after: nil) } }
            }
            try await eventually {
                let server = store.statistics.servers[0]
                return server.commandsInFlight >= 5 && server.usedConnections == 1
            }
            server.resume()
            await loads
            try await eventually { store.statistics.servers.map(\.commandsInFlight) == [0] }
            await store.close()
            #expect(store.statistics.servers.map(\.idleConnections) == [0])
        }
    }

    @Test func `a store of one connection lends its event loop, and one of several connections none`() async throws {
        try await RedisServer.run { server in
            let store = RedisStore(try RedisURL("redis://127.0.0.1:\(server.port)"))
            let executor = try #require(await store.executor)
            let result = try await withTaskExecutorPreference(executor) {
                try await store.load(SessionKey("s"), after: nil)
            }
            #expect(result == .gone(.absent))
            await store.close()
            let several = RedisStore(try RedisURL("redis://127.0.0.1:\(server.port)?connections=2"))
            #expect(await several.executor == nil)
            await several.close()
        }
    }
}
