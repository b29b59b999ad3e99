import CoreMetrics
import Logging
import NIOConcurrencyHelpers
import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

/// Log lines and exported counts of a client.
@Suite struct ClientLogTests {
    /// The lines of a log, and the counters of a factory.
    private final class Records: MetricsFactory {
        let lines = NIOLockedValueBox<[String]>([])
        let counts = NIOLockedValueBox<[String: Int64]>([:])

        var logger: Logger { Logger(label: "test") { _ in Handler(records: self) } }

        func has(_ text: String) -> Bool { lines.withLockedValue { $0.contains { $0.contains(text) } } }

        func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
            Counter(records: self, label: label)
        }
        func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
            NOOPMetricsHandler.instance
        }
        func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
            NOOPMetricsHandler.instance
        }
        func destroyCounter(_ handler: any CounterHandler) {}
        func destroyRecorder(_ handler: any RecorderHandler) {}
        func destroyTimer(_ handler: any TimerHandler) {}
    }

    private final class Counter: CounterHandler {
        let records: Records
        let label: String

        init(records: Records, label: String) {
            self.records = records
            self.label = label
        }

        func increment(by amount: Int64) { records.counts.withLockedValue { $0[label, default: 0] += amount } }
        func reset() {}
    }

    private struct Handler: LogHandler {
        let records: Records
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            records.lines.withLockedValue { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
        }
    }

    private static func configuration(_ records: Records) -> RedisConfiguration {
        var configuration = RedisConfiguration()
        configuration.logger = records.logger
        configuration.metrics = records
        return configuration
    }

    @Test func `normal operation logs nothing, and a lost connection is a warning that names the server`() async throws
    {
        let records = Records()
        try await RedisServer.run { server in
            let key = SessionKey("session")
            let url = try RedisURL("redis://127.0.0.1:\(server.port)")
            let store = RedisStore(url, configuration: Self.configuration(records))
            let (writer, _) = try await store.write(3, to: key)
            #expect(records.lines.withLockedValue { $0 } == [])
            try server.command(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
            try await eventually { (try? await store.load(key, after: writer.position)) == .current }
            try await eventually { store.metrics.reconnections > 0 }
            await store.close()
            #expect(records.has("warning a lost connection was replaced"))
            #expect(records.has("127.0.0.1:\(server.port)"))
            let count = records.counts.withLockedValue { $0["stateline.redis.reconnections"] ?? 0 }
            #expect(Int(count) == store.metrics.reconnections)
        }
    }

    @Test func `refused credentials are a warning, told once a second, without the password`() async throws {
        let records = Records()
        var options = RedisServer.Options()
        options.password = "right"
        try await RedisServer.run(options) { server in
            let url = try RedisURL("redis://:hunter2@127.0.0.1:\(server.port)")
            let store = RedisStore(url, configuration: Self.configuration(records))
            try await eventually {
                _ = try? await store.load(SessionKey("session"), after: nil)
                return store.metrics.refusedCredentials >= 3
            }
            await store.close()
            #expect(records.has("warning a server refused the connection"))
            #expect(!records.has("hunter2"))
            let lines = records.lines.withLockedValue(\.count)
            #expect(lines < store.metrics.refusedCredentials)
        }
    }

    @Test func `other primaries than before are a failover, and the first ones are not`() {
        let records = Records()
        let counter = ClientCounter(logger: records.logger, factory: records)
        counter.served(by: ["a:1", "b:1"])
        counter.served(by: ["b:1", "a:1"])
        #expect(counter.snapshot.failovers == 0 && !records.has("primaries"))
        counter.served(by: ["a:1", "c:1"])
        #expect(counter.snapshot.failovers == 1)
        #expect(records.has("warning the primaries changed"))
    }

    @Test func `an overload is a warning, and counts of two nodes are counts of one client`() {
        let records = Records()
        let counter = ClientCounter(logger: records.logger, factory: records)
        counter.named(.host("a", port: 1)).count(\.overloads)
        counter.named(.host("b", port: 1)).count(\.overloads)
        counter.named(.host("b", port: 1)).count(\.overloads)
        #expect(counter.snapshot.overloads == 3)
        #expect(records.counts.withLockedValue { $0["stateline.redis.overloads"] } == 3)
        #expect(records.lines.withLockedValue { $0.count { $0.contains("too many are waiting") } } == 2)
    }
}
