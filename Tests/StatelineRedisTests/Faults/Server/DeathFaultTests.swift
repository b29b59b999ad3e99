import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Stateline
import StatelineLoad
import Testing

@testable import StatelineRedis
@testable import StatelineTesting

/// Servers that are not there, and processes that end.
@Suite(.serialized) struct DeathFaultTests {
    private static let isSoak = ProcessInfo.processInfo.environment["STATELINE_SOAK"] != nil
    private let key = SessionKey("mortal", tenant: "faults")

    /// F16: no server, closed port, a server of something else, a network that takes everything and answers nothing.
    @Test func `a server that is not there is a typed error and no commit, at once or at the deadline`() async throws {
        let closed = try await FreePort.find()
        try await Listener.run(answering: "HTTP/1.1 400 Bad Request\r\n\r\n") { other in
            try await Listener.run(answering: nil) { silent in
                try await Listener.full { full in
                    let endpoints: [RedisEndpoint] = [
                        .unixSocket(path: "/tmp/there is no server here"), .host("127.0.0.1", port: closed),
                        .host("127.0.0.1", port: other), .host("127.0.0.1", port: silent),
                        .host("127.0.0.1", port: full),
                    ]
                    try await withThrowingTaskGroup { group in
                        for endpoint in endpoints { group.addTask { try await self.refuse(endpoint) } }
                        try await group.waitForAll()
                    }
                }
            }
        }
    }

    private func refuse(_ endpoint: RedisEndpoint) async throws {
        var configuration = NodeConfiguration()
        configuration.connectTimeout = .milliseconds(150)
        let client = RedisClient(server: endpoint, configuration, on: MultiThreadedEventLoopGroup.singleton)
        try await with(client) { client in
            let store = RedisStore(sender: client, timeout: .milliseconds(200))
            let auditor = AppendAuditor()
            let watched = auditor.watching(store)
            var log = LogWriter(key)
            let origin = log.position
            let batch = log.append(.prompt("never"))
            for _ in 0..<3 {
                let failure = await #expect(throws: StoreError.self) {
                    _ = try await watched.append(batch, to: self.key, expecting: origin)
                }
                #expect(failure?.reason == .unavailable, "\(endpoint)")
                #expect(failure?.committed == .no, "\(endpoint): \(failure.map { "\($0)" } ?? "")")
            }
            let failure = await #expect(throws: StoreError.self) { _ = try await store.load(key, after: nil) }
            #expect(failure?.reason == .unavailable)
            #expect(client.statistics.connections == 0)
            #expect(client.statistics.connectAttempts <= 8, "\(endpoint): \(client.statistics)")
        }
    }

    /// F17: kill -9 under load, and a server that brings everything back.
    @Test(arguments: isSoak ? [0.1, 1, 10] : [0.1, 1])
    func `nothing that was acknowledged is lost when a server with an append-only file dies under load`(
        pause: Double
    ) async throws {
        var options = RedisServer.Options()
        options.appendOnly = true
        try await FaultFixture.run(options) { fixture in
            let counts = try await FaultLoad.run(8, on: FaultFixture.keys(4), of: fixture.watched) { load in
                for _ in 0..<(Self.isSoak ? 5 : 1) {
                    try await load.progress(by: 60)
                    await fixture.server.kill()
                    try await Task.sleep(for: .seconds(pause))
                    try await fixture.server.restart()
                    try await load.progress(by: 60)
                }
            }
            #expect(counts.obstacles.isEmpty)
            #expect(counts.errors.allSatisfy { $0.reason == .unavailable })
            let metrics = fixture.client.statistics
            #expect(metrics.reconnections >= 1)
            // Two lines are used; after each failed attempt there is a pause that doubles.
            #expect(metrics.connectAttempts < 80, "\(metrics), errors: \(counts.errors.count)")
        }
    }

    /// F17: kill -9 under load, and a server that has forgotten everything.
    @Test func `a server that comes back empty is found out by every writer, and by every reader`() async throws {
        try await FaultFixture.run(expecting: .honest) { fixture in
            let keys = FaultFixture.keys(4)
            let counts = try await FaultLoad.run(8, on: keys, of: fixture.watched) { load in
                try await load.progress(by: 60)
                await fixture.server.kill()
                try await fixture.server.restart()
                try await eventually { load.counts.obstacles.count == 8 }
            }
            #expect(counts.obstacles.allSatisfy { $0 == .gone(.absent) || $0 == .regressed })
            for key in keys {
                let result = try await fixture.watched.load(key, after: nil)
                #expect(result == .gone(.absent))
            }
            let report = try await fixture.report()
            #expect(report.admitted == report.acknowledged)
            #expect(report.acknowledged >= 60)
        }
    }

    /// F42: thundering herd.
    @Test func `two thousand tasks that wait for a server make few connections when it is back`() async throws {
        let tasks = 2000
        try await FaultFixture.run { fixture in
            await fixture.server.kill()
            let watched = fixture.watched
            let refusals = NIOLockedValueBox(0)
            try await withThrowingTaskGroup { group in
                for task in 0..<tasks {
                    group.addTask {
                        var log = LogWriter(SessionKey("herd \(task)"))
                        let origin = log.position
                        let batch = log.append(.prompt("first"))
                        while true {
                            do {
                                let result = try await watched.append(batch, to: log.key, expecting: origin)
                                return #expect(result == .committed(.primary))
                            } catch let error as StoreError {
                                guard error.reason == .unavailable, error.committed == .no else { throw error }
                                refusals.withLockedValue { $0 += 1 }
                                try await Task.sleep(for: .milliseconds(.random(in: 200...800)))
                            }
                        }
                    }
                }
                group.addTask {
                    try await eventually { refusals.withLockedValue(\.self) >= 2 * tasks }
                    try await fixture.server.restart()
                }
                try await group.waitForAll()
            }
            let metrics = fixture.client.statistics
            #expect(metrics.connections <= 3, "\(metrics)")
            #expect(metrics.connectAttempts <= 30, "\(metrics)")
            let received = try fixture.server.info("total_connections_received").flatMap { Int($0) }
            let report = try await fixture.report()
            #expect(report.acknowledged == tasks)
            // The administrator has one for each question.
            #expect(try #require(received) < 30)
        }
    }
}
