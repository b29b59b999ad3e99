import NIOCore
import Stateline
import StatelineLoad
import Testing

@testable import StatelineRedis
@testable import StatelineTesting

extension NetworkFaultTests {
    /// F24, F25, F26: a replica takes over.
    @Suite struct FailoverTests {
        /// F24: the recipe that makes a failover lose 100 of 200 acknowledged commits, each of which is noticed.
        @Test func `of 200 acknowledged commits a failover loses 100, and each session says so`() async throws {
            try await RedisServer.run { primary in
                try await FaultProxy.run(to: .port(primary.port)) { link in
                    var options = RedisServer.Options()
                    options.arguments = ["--replicaof", "127.0.0.1", String(link.port)]
                    try await RedisServer.run(options) { replica in
                        try await replica.wait(until: "it follows") { try $0.info("master_link_status") == "up" }
                        try await Self.lose(primary, replica, link)
                    }
                }
            }
        }

        private static func lose(_ primary: RedisServer, _ replica: RedisServer, _ link: FaultProxy) async throws {
            let url = try RedisURL("redis://127.0.0.1:\(primary.port)")
            let store = RedisStore(url)
            let patient = RedisStore(url, acknowledgement: .replicas(1, timeout: .seconds(20)))
            let hurried = RedisStore(url, acknowledgement: .replicas(1, timeout: .milliseconds(200)))
            var logs = (0..<10).map { ExpectedLog(SessionKey("session \($0)")) }
            for index in logs.indices {
                for number in 0..<10 {
                    let level = try await append(to: &logs[index], on: number == 9 ? patient : store)
                    #expect(level == (number == 9 ? .replicas(1) : .primary))
                }
            }
            link.shape { $0.isBlackHole = true }
            for index in logs.indices {
                for _ in 0..<10 { #expect(try await append(to: &logs[index], on: store) == .primary) }
            }
            // What was reached is told: nobody but the primary has this one.
            var told = ExpectedLog(SessionKey("told"))
            #expect(try await append(to: &told, on: hurried) == .replicas(0))
            await primary.kill()
            try replica.command(["REPLICAOF", "NO", "ONE"])

            let after = RedisStore(try RedisURL("redis://127.0.0.1:\(replica.port)"))
            var lost = 0
            for log in logs {
                var log = log
                let position = log.position
                expect(await after.loaded(log.key, after: position), "regressed")
                let late = log.append()
                #expect(try await after.append(late, to: log.key, expecting: position) == .regressed)
                guard case .tail(let batches) = try await after.load(log.key, after: nil) else { continue }
                #expect(batches == Array(log.batches.prefix(batches.count)))
                lost += 20 - batches.count
                // Who held no more than what survived goes on.
                var survivor = log.diverging(at: batches.count)
                #expect(try await append(to: &survivor, on: after) == .primary)
            }
            #expect(lost == 100)
            expect(await after.loaded(told.key, after: told.position), "gone, absent")
            for store in [store, patient, hurried, after] { await store.close() }
        }

        private static func append(to log: inout ExpectedLog, on store: RedisStore) async throws -> Acknowledged {
            let position = log.position
            let result = try await store.append(log.append(), to: log.key, expecting: position)
            guard case .committed(let level) = result else { throw NotCommitted(result: result) }
            return level
        }

        /// F25: two primaries, one of which nobody follows any more.
        @Test func `what a deposed primary acknowledged is noticed by who holds it, and nobody else sees it`()
            async throws
        {
            try await RedisServer.run { deposed in
                var options = RedisServer.Options()
                options.arguments = ["--replicaof", "127.0.0.1", String(deposed.port)]
                try await RedisServer.run(options) { promoted in
                    try await promoted.wait(until: "it follows") { try $0.info("master_link_status") == "up" }
                    let stores = try [deposed, promoted]
                        .map { RedisStore(try RedisURL("redis://127.0.0.1:\($0.port)")) }
                    var log = ExpectedLog(SessionKey("session"))
                    for _ in 0..<3 { _ = try await Self.append(to: &log, on: stores[0]) }
                    try await eventually { await stores[1].loaded(log.key) == "tail of 3" }
                    try promoted.command(["REPLICAOF", "NO", "ONE"])
                    var (lost, kept) = (log, log)
                    for _ in 0..<2 { #expect(try await Self.append(to: &lost, on: stores[0]) == .primary) }
                    #expect(try await Self.append(to: &kept, on: stores[1]) == .primary)
                    try deposed.command(["REPLICAOF", "127.0.0.1", String(promoted.port)])
                    try await deposed.wait(until: "it follows") { try $0.info("master_link_status") == "up" }

                    let position = lost.position
                    let next = lost.append()
                    expect(await stores[1].loaded(log.key, after: position), "regressed")
                    let answer = try await stores[1].append(next, to: log.key, expecting: position)
                    #expect(answer == .regressed)
                    // Who was the primary has the other log by now, and compares before it would write.
                    let late = try await stores[0].append(next, to: log.key, expecting: position)
                    #expect(late == .regressed)
                    let result = try await stores[1].load(log.key, after: nil)
                    #expect(result == .tail(kept.batches))
                    for store in stores { await store.close() }
                }
            }
        }

        /// F24, prevented: a primary that is told to want replicas takes nothing without them.
        @Test func `a primary that wants replicas refuses commits without them`() async throws {
            var options = RedisServer.Options()
            options.arguments = ["--min-replicas-to-write", "1"]
            try await ProxyFixture.run(options) { fixture in
                let store = try fixture.store()
                let auditor = SessionAudit(SessionKey("session"))
                var writer = auditor.writer("a", on: store)
                let failure = await writer.append().failure
                #expect(failure?.reason == .unavailable)
                #expect(failure?.committed == .no)
                expect(await store.loaded(auditor.key), "gone, absent")
                try fixture.server.command(["CONFIG", "SET", "min-replicas-to-write", "0"])
                expectAcknowledged(await writer.append())
                try await auditor.verify(with: store)
            }
        }

        /// F26: the primary that sentinels watch dies under load.
        ///
        /// On a machine that is short of time the sentinels may depose the next primary too, which takes with it what
        /// no replica has: then each writer has to be told, and nobody goes on.
        @Test func `under sentinels a store goes on with the next primary`() async throws {
            try await RedisSentinel.run { watched in
                let hosts = watched.sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
                var configuration = ClusterConfiguration()
                configuration.attemptTimeout = .milliseconds(500)
                let client = RedisClient(
                    try RedisURL("redis+sentinel://\(hosts)/\(watched.name)"),
                    configuration
                )
                let store = RedisStore(sender: client, timeout: .seconds(30))
                let auditors = (0..<4).map { SessionAudit(SessionKey("session \($0)")) }
                let isOver = Flag()
                let positions = try await withThrowingTaskGroup(of: (Int, Position).self) { group in
                    for (index, auditor) in auditors.enumerated() {
                        group.addTask {
                            var writer = auditor.writer("a", on: store)
                            while !isOver.isUp {
                                let step = await writer.commit()
                                guard step.isAcknowledged else {
                                    #expect(step == .regressed || step == .gone(.absent))
                                    break
                                }
                            }
                            return (index, writer.position)
                        }
                    }
                    try await eventually { auditors.allSatisfy { $0.report.acknowledged > 5 } }
                    let first = try watched.primary()
                    await first.kill()
                    _ = try await watched.promotion(after: first)
                    let acknowledged = auditors.map(\.report.acknowledged)
                    try await eventually {
                        zip(auditors, acknowledged)
                            .allSatisfy { $0.report.acknowledged > $1 + 5 || $0.report.regressed > 0 }
                    }
                    isOver.raise()
                    return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
                }
                // A deposed primary answers until it is told: from then on all lanes read from the same server.
                try await eventually { try watched.hasOnePrimary() }
                for (index, auditor) in auditors.enumerated() {
                    let loaded = await store.loaded(auditor.key, after: positions[index])
                    guard loaded == "current" else {
                        #expect(loaded == "regressed" || loaded == "gone, absent")
                        continue
                    }
                    try await auditor.verify(with: store)
                }
                await store.close()
            }
        }
    }
}

extension RedisSentinel {
    /// Returns `true` if the server that the sentinels name is the only primary, and the others follow it.
    fileprivate func hasOnePrimary() throws -> Bool {
        let primary = try primary()
        return try servers.filter(\.isRunning)
            .allSatisfy { server in
                guard server !== primary else { return try server.info("role") == "master" }
                return try server.info("role") == "slave" && server.info("master_link_status") == "up"
                    && server.info("master_port") == String(primary.port)
            }
    }
}
