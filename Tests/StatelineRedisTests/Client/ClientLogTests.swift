import Logging
import NIOCore
import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

/// The log lines and the counts of a client, on real servers.
@Suite struct ClientLogTests {
    private static let lost = "a connection was lost"
    private static let again = "a connection was made again"
    private static let failed = "a connection could not be made"
    private let key = SessionKey("confidential id", tenant: "confidential tenant")
    private let secrets = ["confidential", "hunter2"]

    private func store(_ port: Int, _ log: RecordedLog, options: String = "") throws -> RedisStore {
        RedisStore(try RedisURL("redis://127.0.0.1:\(port)\(options)"), configuration: log.configuration)
    }

    @Test func `normal operation logs nothing, nor does the end of a store`() async throws {
        let log = RecordedLog()
        try await RedisServer.run { server in
            let closed = try store(server.port, log)
            _ = try await closed.write(3, to: key, text: "confidential")
            await closed.close()
            var dropped: RedisStore? = try store(server.port, log)
            _ = try await dropped?.load(key, after: nil)
            dropped = nil
            try await eventually { try server.info("connected_clients") == "1" }
            #expect(log.lines.isEmpty, "\(log.lines)")
        }
    }

    @Test func `a server that dies and comes back is three kinds of lines that name it`() async throws {
        let log = RecordedLog()
        var options = RedisServer.Options()
        options.appendOnly = true
        try await RedisServer.run(options) { server in
            let store = try store(server.port, log)
            let (writer, _) = try await store.write(3, to: key, text: "confidential")
            await server.kill()
            try await eventually { log.lines(Self.lost).count == 1 }
            try await eventually { (try? await store.load(key, after: writer.position)) == nil }
            try await eventually { store.statistics.servers.map(\.isDown) == [true] }
            #expect(!log.lines(Self.failed).isEmpty && log.lines(Self.again).isEmpty)
            try await server.restart()
            try await eventually { (try? await store.load(key, after: writer.position)) == .current }
            let statistics = store.statistics
            #expect(statistics.lostConnections == 1 && statistics.reconnections == 1)
            #expect(statistics.failedConnections >= 1 && statistics.servers.map(\.isDown) == [false])
            #expect(statistics.servers.map(\.name) == ["127.0.0.1:\(server.port)"])
            await store.close()
            let ends = try [log.only(Self.lost, .warning), log.only(Self.again, .notice)]
            for line in ends + log.lines(Self.failed) {
                #expect(line.value("server") == "127.0.0.1:\(server.port)")
            }
            #expect(log.lines(Self.failed).allSatisfy { $0.level == .warning && $0.value("reason") != nil })
            #expect(log.lines(Self.failed).count < statistics.failedConnections || statistics.failedConnections < 3)
            log.expectNone(of: secrets)
        }
    }

    @Test func `a request that is sent again is a line for debugging, with the reason`() async throws {
        let log = RecordedLog()
        try await RedisServer.run { server in
            try await FaultProxy.run(to: .port(server.port)) { proxy in
                let store = try store(proxy.port, log)
                let (writer, _) = try await store.write(1, to: key, text: "confidential")
                proxy.add(RequestFault(.cutBeforeReply, command: "EVALSHA"))
                #expect(try await store.load(key, after: writer.position) == .current)
                let line = try log.only("a request is sent again", .debug)
                #expect(line.value("reason") == "the connection was closed by the server or the network")
                #expect(line.value("server") == "127.0.0.1:\(proxy.port)")
                #expect(store.statistics.retries == 1)
                _ = try log.only(Self.lost, .warning)
                _ = try log.only(Self.again, .notice)
                #expect(log.lines.count == 3, "\(log.lines)")
                log.expectNone(of: secrets)
                await store.close()
            }
        }
    }

    @Test func `a login that is denied is a warning, told once a second, without the password`() async throws {
        let log = RecordedLog()
        var options = RedisServer.Options()
        options.password = "right"
        try await RedisServer.run(options) { server in
            let url = try RedisURL("redis://:hunter2@127.0.0.1:\(server.port)")
            let store = RedisStore(url, configuration: log.configuration)
            try await eventually {
                _ = try? await store.load(key, after: nil)
                return store.statistics.refusedConnections >= 3
            }
            await store.close()
            let lines = log.lines("a connection was refused")
            let line = try #require(lines.first)
            #expect(line.level == .warning && line.value("server") == "127.0.0.1:\(server.port)")
            #expect(line.value("reason")?.contains("WRONGPASS") == true)
            #expect(lines.count < store.statistics.refusedConnections)
            #expect(lines.count == log.lines.count)
            log.expectNone(of: secrets)
        }
    }

    @Test func `a slow handshake is a warning with the time that it took`() async throws {
        let log = RecordedLog()
        try await RedisServer.run { server in
            try await FaultProxy.run(to: .port(server.port)) { proxy in
                proxy.add(RequestFault(.delayReply(.milliseconds(1200)), command: "CLIENT"))
                let store = try store(proxy.port, log, options: "?connect-timeout=20")
                _ = try await store.load(key, after: nil)
                let line = try log.only("a connection took long to make", .warning)
                #expect(try #require(line.value("milliseconds").flatMap { Int($0) }) >= 1200)
                #expect(store.statistics.slowConnections == 1)
                await store.close()
            }
        }
    }

    @Test func `an overload is a warning for each server, and their counts are those of one client`() {
        let log = RecordedLog()
        let counter = ClientCounter(logger: log.logger)
        counter.named(.host("a", port: 1)).overloaded()
        counter.named(.host("b", port: 1)).overloaded()
        counter.named(.host("b", port: 1)).overloaded()
        #expect(counter.snapshot.overloads == 3)
        #expect(log.lines.map { $0.value("server") } == ["a:1", "b:1"])
    }

    @Test func `other primaries than before are a failover, and the first ones are not`() throws {
        let log = RecordedLog()
        let counter = ClientCounter(logger: log.logger)
        counter.served(by: ["a:1", "b:1"])
        counter.served(by: ["b:1", "a:1"])
        #expect(counter.snapshot.failovers == 0 && log.lines.isEmpty)
        counter.served(by: ["a:1", "c:1"])
        #expect(counter.snapshot.failovers == 1)
        _ = try log.only("the primaries changed", .warning)
    }

    @Test func `the log's memory is bounded, however many servers come and go`() {
        let log = RecordedLog()
        let counter = ClientCounter(logger: log.logger)
        for number in 0..<1000 { counter.named(.host("node\(number)", port: 1)).overloaded() }
        #expect(log.lines.count == 1000)
    }
}
