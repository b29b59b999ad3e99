import NIOCore
import NIOPosix
import Stateline
import StatelineLoad
import Testing

@testable import StatelineRedis
@testable import StatelineTesting

extension NetworkFaultTests {
    /// F8, F21, F22, F23, F25: slots that move, primaries that change, die, stand still and come back.
    @Suite struct ClusterTests {
        /// A client that waits for a failover.
        static func client(_ cluster: RedisCluster) throws -> RedisClient {
            var configuration = ClusterConfiguration()
            configuration.nodeTimeout = .seconds(8)
            configuration.attemptTimeout = .milliseconds(500)
            let seeds = cluster.nodes.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
            return RedisClient(try RedisURL("redis+cluster://\(seeds)"), configuration)
        }

        /// A session whose keys a node serves.
        static func session(on node: RedisServer, of cluster: RedisCluster) throws -> SessionKey {
            for number in 0... {
                let key = SessionKey("session \(number)")
                if try cluster.primary(of: Int(StoredKeys(key).slot.rawValue)) === node { return key }
            }
            preconditionFailure("there is always another number")
        }

        /// Sessions on each shard, written to while things happen; at the end all that was acknowledged is there.
        private static func writing(
            _ cluster: RedisCluster,
            on store: RedisStore,
            _ body: ([SessionAudit]) async throws -> Void
        ) async throws {
            let auditors = try cluster.nodes[..<3].map { SessionAudit(try session(on: $0, of: cluster)) }
            let isOver = Flag()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for auditor in auditors {
                    var first = auditor.writer("0", on: store)
                    try await first.create()
                    for number in 1...3 {
                        group.addTask {
                            var writer = auditor.writer("\(number)", on: store)
                            try await writer.follow()
                            while !isOver.isUp { expectAcknowledged(await writer.commit()) }
                        }
                    }
                }
                do { try await body(auditors) } catch {
                    isOver.raise()
                    throw error
                }
                isOver.raise()
                try await group.waitForAll()
            }
            for auditor in auditors {
                let report = try await auditor.verify(with: store)
                #expect(report.regressed == 0)
            }
        }

        /// Waits until each session was committed to again.
        private static func progress(_ auditors: [SessionAudit]) async throws {
            let before = auditors.map(\.report.acknowledged)
            try await eventually { zip(auditors, before).allSatisfy { $0.report.acknowledged > $1 + 3 } }
        }

        @Test func `sessions are written to while slots move and primaries change, die and stand still`() async throws {
            try await RedisCluster.run { cluster in
                let client = try Self.client(cluster)
                let store = RedisStore(sender: client, timeout: .seconds(30))
                try await Self.writing(cluster, on: store) { auditors in
                    try await Self.progress(auditors)
                    let before = client.statistics
                    try await Self.moveSlot(of: auditors[0], cluster, auditors)
                    // TRYAGAIN, ASK and MOVED have all been met.
                    #expect(client.statistics.retries > before.retries)
                    #expect(client.statistics.asks > before.asks)
                    #expect(client.statistics.moves > before.moves)
                    // F23: who was the primary answers MOVED or READONLY.
                    try await cluster.failover(to: cluster.nodes[4])
                    try await Self.progress(auditors)
                    // F22, by kill -9 and by SIGSTOP.
                    await cluster.nodes[2].kill()
                    try await cluster.nodes[5].wait(until: "promoted") { try $0.info("role") == "master" }
                    try await Self.progress(auditors)
                    await cluster.nodes[0].pause()
                    try await cluster.nodes[3].wait(until: "promoted") { try $0.info("role") == "master" }
                    try await Self.progress(auditors)
                    cluster.nodes[0].resume()
                    try await cluster.nodes[0].wait(until: "it follows") { try $0.info("role") == "slave" }
                    try await Self.progress(auditors)
                }
                await store.close()
            }
        }

        /// F21: moves a session's slot, its two keys one after the other.
        private static func moveSlot(
            of auditor: SessionAudit,
            _ cluster: RedisCluster,
            _ all: [SessionAudit]
        ) async throws {
            let (source, target) = (cluster.nodes[0], cluster.nodes[1])
            let keys = StoredKeys(auditor.key)
            let slot = Int(keys.slot.rawValue)
            try cluster.beginMigration(of: slot, from: source, to: target)
            try await progress(all)
            try cluster.migrate(key: keys.guardKey, from: source, to: target)
            // Its keys are apart: TRYAGAIN. The other sessions do not wait.
            try await progress(Array(all.dropFirst()))
            try cluster.migrate(key: keys.logKey, from: source, to: target)
            // ASK.
            try await progress(all)
            try cluster.endMigration(of: slot, to: target)
            // MOVED.
            try await progress(all)
            #expect(try cluster.primary(of: slot) === target)
        }

        /// F8, F25: a reply that is lost together with its primary; a primary that does not know that it is none.
        @Test func `a lost reply and a failover leave one batch, and what a deposed primary took is noticed`()
            async throws
        {
            try await RedisCluster.run { cluster in
                let watched = WatchedSender(try Self.client(cluster))
                let store = RedisStore(sender: watched, timeout: .seconds(30))
                let first = SessionAudit(try Self.session(on: cluster.nodes[1], of: cluster))
                var writer = first.writer("a", on: store)
                try await writer.create()
                // From here on the script is known, and the next reply is the commit's own.
                expectAcknowledged(await writer.commit())
                watched.loseNext()
                watched.afterNext { try? await cluster.failover(to: cluster.nodes[4]) }
                let lost = await writer.append()
                #expect(lost.failure?.committed == .unknown)
                let step = await writer.append()
                #expect(step == .duplicate(.primary))
                let report = try await first.verify(with: store)
                #expect(report.revisions == 3)
                try await Self.splitBrain(cluster, on: store)
                await store.close()
            }
        }

        private static func splitBrain(_ cluster: RedisCluster, on store: RedisStore) async throws {
            let deposed = cluster.nodes[0]
            let key = try session(on: deposed, of: cluster)
            // What keeps writing to who was the primary once.
            let stale = RedisStore(sender: RedisClient(try RedisURL("redis://127.0.0.1:\(deposed.port)")))
            let auditor = SessionAudit(key)
            var writer = auditor.writer("a", on: store)
            for _ in 0..<2 { expectAcknowledged(await writer.commit()) }
            // Its connection for commits stands from here on.
            writer.use(stale)
            expectAcknowledged(await writer.commit())
            writer.use(store)
            let position = writer.position
            guard case .tail(let batches) = try await stale.load(key, after: nil) else {
                Issue.record("the primary has the session")
                return
            }
            var log = LogWriter(key, incarnation: position.incarnation)
            try log.follow(batches)

            await deposed.pause()
            try await cluster.nodes[3].wait(until: "promoted") { try $0.info("role") == "master" }
            for _ in 0..<3 { expectAcknowledged(await writer.commit()) }
            var diverged = log
            // More bytes than anybody else sends to it.
            let batch = diverged.append(.prompt(String(repeating: "to nobody", count: 2000)))
            async let late = stale.append(batch, to: key, expecting: position)
            try await eventually { try unreadBytes(port: deposed.port) >= batch.bytes.readableBytes }
            deposed.resume()
            do {
                let result = try await late
                // It took it, and it is gone: whoever holds it is told.
                if case .committed = result {
                    expect(await store.loaded(key, after: diverged.position), "regressed")
                    var lost = diverged
                    let next = lost.append(.prompt("next"))
                    let answer = try await store.append(next, to: key, expecting: diverged.position)
                    #expect(answer == .regressed)
                }
            } catch let error as StoreError {
                #expect(error.committed != .yes)
            }
            expectAcknowledged(await writer.commit())
            let report = try await auditor.verify(with: store)
            #expect(report.revisions == 7)
            await stale.close()
        }
    }
}
