import NIOConcurrencyHelpers
import Stateline
import Testing

@testable import StatelineRedis
@testable import StatelineTesting

extension NetworkFaultTests {
    /// F21: the slot of a family that moves, its keys one after the other, while a fork is read and written.
    @Suite struct ForkMigrationTests {
        /// A key of a family's.
        enum Key: String {
            case forkGuard, forkLog, parentGuard, parentLog
            /// What the fork shares, once another session has its parent's keys.
            case sharedGuard, sharedLog
        }

        /// Orders of moving: in each of them what the fork shares is for a while on another node than the fork, as a
        /// whole and in part.
        static let orders: [[Key]] = [
            [.forkGuard, .forkLog, .parentGuard, .parentLog],
            [.forkLog, .forkGuard, .parentLog, .parentGuard],
            [.parentGuard, .parentLog, .forkGuard, .forkLog],
            [.forkGuard, .forkLog, .parentGuard, .parentLog, .sharedGuard, .sharedLog],
            [.parentLog, .sharedLog, .forkGuard, .forkLog, .parentGuard, .sharedGuard],
        ]

        @Test func `a fork is read whole while its keys and its ancestor's move one after the other`() async throws {
            try await RedisCluster.run { cluster in
                let client = try ClusterTests.client(cluster)
                let sender = WatchedSender(client)
                let store = RedisStore(sender: sender, retention: .zero, timeout: .seconds(30))
                let before = client.statistics
                for order in Self.orders {
                    let family = try await Family(on: cluster, store, isMovedAside: order.contains(.sharedLog))
                    try await family.working(on: store) { counts in
                        try await family.move(order, in: cluster, client, sender, counts)
                    }
                }
                #expect(client.statistics.retries > before.retries)
                #expect(client.statistics.asks > before.asks)
                #expect(client.statistics.moves > before.moves)
                await store.close()
            }
        }

        @Test func `a fork that is deleted while its ancestor's log is on its way leaves nothing behind`() async throws
        {
            try await RedisCluster.run { cluster in
                let client = try ClusterTests.client(cluster)
                let sender = WatchedSender(client)
                let store = RedisStore(sender: sender, retention: .zero, timeout: .seconds(30))
                let family = try await Family(on: cluster, store, isMovedAside: false)
                let forgotten = try await store.delete(family.parent, expecting: nil)
                #expect(forgotten == .deleted)
                let (source, target) = (cluster.nodes[0], cluster.nodes[1])
                let (own, parents) = (StoredKeys(family.fork), StoredKeys(family.parent))
                let slot = Int(own.slot.rawValue)
                try cluster.beginMigration(of: slot, from: source, to: target)
                for key in [own.guardKey, own.logKey, parents.guardKey] {
                    try cluster.migrate(key: key, from: source, to: target)
                }
                let waits = client.statistics.retries
                async let deletion = store.delete(family.fork, expecting: nil)
                try await eventually { client.statistics.retries > waits + 3 }
                try cluster.migrate(key: parents.logKey, from: source, to: target)
                let deleted = try await deletion
                #expect(deleted == .deleted)
                #expect(try cluster.keys(of: slot, in: source) == [])
                // The guard of what was deleted goes by itself.
                #expect(try cluster.keys(of: slot, in: target) == [own.guardKey])
                try cluster.endMigration(of: slot, to: target)
                await store.close()
            }
        }
    }
}

/// A session and a fork of it, on the first node of a cluster.
private struct Family {
    typealias Key = NetworkFaultTests.ForkMigrationTests.Key

    /// What was done with the fork.
    struct Counts: Sendable {
        var loads = 0
        var refreshes = 0
        var commits = 0
    }

    private let audit: SessionAudit
    private let watched: any SessionStore
    let parent: SessionKey
    /// The fork's writer.
    private let log: LogWriter
    /// Where the parent's batches end that the fork has, but for the last.
    private let early: Position

    /// Writes both; where what they share is moved aside, another session has the parent's keys by now.
    init(on cluster: RedisCluster, _ store: RedisStore, isMovedAside: Bool) async throws {
        parent = try NetworkFaultTests.ClusterTests.session(on: cluster.nodes[0], of: cluster)
        audit = SessionAudit(parent.fork("fork"))
        watched = audit.watching(store)
        var writer = LogWriter(parent)
        var positions: [Position] = []
        for number in 0..<3 {
            positions.append(writer.position)
            let batch = writer.append(.prompt("parent \(number)"))
            let result = try await watched.append(batch, to: parent, expecting: positions[number])
            #expect(result == .committed(.primary))
        }
        early = positions[2]
        let (log, first) = writer.fork(as: "fork")
        let forked = try await watched.fork(parent, at: writer.position, to: log.key, first: first)
        #expect(forked == .forked)
        self.log = log
        guard isMovedAside else { return }
        let deleted = try await watched.delete(parent, expecting: nil)
        #expect(deleted == .deleted)
        var other = LogWriter(parent)
        let origin = other.position
        let created = try await watched.append(other.append(.prompt("another")), to: parent, expecting: origin)
        #expect(created == .committed(.primary))
    }

    var fork: SessionKey { log.key }

    /// Reads and writes the fork while something is done, and compares all that was seen with the log.
    func working(
        on store: RedisStore,
        _ body: (NIOLockedValueBox<Counts>) async throws -> Void
    ) async throws {
        let (isOver, counts) = (Flag(), NIOLockedValueBox(Counts()))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !isOver.isUp {
                    let result = try await watched.load(log.key, after: nil)
                    guard case .tail = result else { throw Unexpected(result: "\(result)") }
                    counts.withLockedValue { $0.loads += 1 }
                }
            }
            group.addTask {
                while !isOver.isUp {
                    let result = try await watched.load(log.key, after: early)
                    guard case .tail = result else { throw Unexpected(result: "\(result)") }
                    counts.withLockedValue { $0.refreshes += 1 }
                }
            }
            group.addTask {
                var log = log
                while !isOver.isUp {
                    let position = log.position
                    let batch = log.append(.prompt("turn"))
                    let result = try await watched.append(batch, to: log.key, expecting: position)
                    switch result {
                    case .committed, .duplicate: counts.withLockedValue { $0.commits += 1 }
                    default: throw Unexpected(result: "\(result)")
                    }
                    // So that the log stays short enough to be read many times.
                    try await Task.sleep(for: .milliseconds(2))
                }
            }
            do { try await body(counts) } catch {
                isOver.raise()
                // What a reader or the writer met says more.
                try await group.waitForAll()
                throw error
            }
            isOver.raise()
            try await group.waitForAll()
        }
        try await audit.verify(with: store)
    }

    /// Moves the family's slot from its node to another one, a key at a time, and has the fork read and written, or
    /// tried to be, before each step.
    func move(
        _ order: [Key],
        in cluster: RedisCluster,
        _ client: RedisClient,
        _ sender: WatchedSender,
        _ counts: NIOLockedValueBox<Counts>
    ) async throws {
        func progress() async throws {
            let before = counts.withLockedValue(\.self)
            try await eventually {
                let now = counts.withLockedValue(\.self)
                return now.loads > before.loads + 3 && now.refreshes > before.refreshes + 3
                    && now.commits > before.commits + 3
            }
        }
        let (source, target) = (cluster.nodes[0], cluster.nodes[1])
        let slot = Int(StoredKeys(parent).slot.rawValue)
        let names = try names(of: cluster.keys(of: slot, in: source))
        #expect(names.count == order.count)
        try await progress()
        try cluster.beginMigration(of: slot, from: source, to: target)
        try await progress()
        var moved: Set<Key> = []
        for key in order.dropLast() {
            try cluster.migrate(key: try #require(names[key]), from: source, to: target)
            moved.insert(key)
            // Where its own keys are apart the fork is told to try again, and else what it shares is looked for.
            let isApart = moved.contains(.forkGuard) != moved.contains(.forkLog)
            let (waits, answered) = (client.statistics.retries, sender.counts.bulkRequests)
            try await eventually {
                let tries = client.statistics.retries - waits
                return isApart ? tries > 3 : tries + sender.counts.bulkRequests - answered > 3
            }
        }
        try cluster.migrate(key: try #require(names[order[order.count - 1]]), from: source, to: target)
        try await progress()
        try cluster.endMigration(of: slot, to: target)
        try await progress()
        #expect(try cluster.primary(of: slot) === target)
    }

    private func names(of stored: [String]) -> [Key: String] {
        let (own, parents) = (StoredKeys(log.key), StoredKeys(parent))
        var names: [Key: String] = [:]
        for name in stored {
            switch name {
            case own.guardKey: names[.forkGuard] = name
            case own.logKey: names[.forkLog] = name
            case parents.guardKey: names[.parentGuard] = name
            case parents.logKey: names[.parentLog] = name
            case _ where name.hasPrefix(parents.guardKey): names[.sharedGuard] = name
            default: names[.sharedLog] = name
            }
        }
        return names
    }

    /// The fork was not there, or not as it was left.
    private struct Unexpected: Error {
        let result: String
    }
}

extension WatchedSender.Counts {
    /// How many requests for a whole session were answered.
    fileprivate var bulkRequests: Int { lanes.count { $0 == .bulk } }
}
