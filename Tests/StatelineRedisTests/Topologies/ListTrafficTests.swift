import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

/// Round trips of a list of sessions, counted between the client and the servers.
@Suite(.serialized) struct ListTrafficTests {
    private static let tenant: Tenant = "acme"
    /// 5,000 with `STATELINE_SOAK`, or else 600.
    private static let count = RedisServer.isSoak ? 5000 : 600
    /// The number of keys that a scan looks at.
    private static let scanned = 1024

    @Test(.timeLimit(.minutes(5)))
    func `a list from one server is at most two round trips for each scan of 1,024 keys`() async throws {
        try await ProxyFixture.run { fixture in
            let store = try fixture.store(timeout: .seconds(120))
            let keys = try await Self.write(to: store)
            let list = try await Self.list(store, through: [fixture.proxy])
            #expect(list.keys == keys)
            #expect(list.roundTrips <= 2 * list.scans)
            Self.checkScans(list, nodes: 1)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a list from a cluster does not take a round trip for each slot`() async throws {
        try await ProxiedCluster.run { cluster in
            let store = RedisStore(
                sender: RedisClient(try cluster.url),
                timeout: .seconds(120)
            )
            let keys = try await Self.write(to: store)
            let slots = Set(keys.map { StoredKeys($0).slot })
            #expect(slots.count > Self.count / 2)
            // Replies come after all requests of a step have been sent, or it takes more round trips on a busy machine.
            for proxy in cluster.proxies { proxy.shape(.down) { $0.latency = .milliseconds(100) } }
            let list = try await Self.list(store, through: cluster.proxies)
            #expect(list.keys == keys)
            #expect(list.roundTrips < slots.count / 8)
            Self.checkScans(list, nodes: cluster.proxies.count)
            await store.close()
        }
    }

    private struct List {
        var keys: Set<SessionKey> = []
        var scans = 0
        var roundTrips = 0
    }

    /// Creates the sessions, 50 at a time.
    private static func write(to store: RedisStore) async throws -> Set<SessionKey> {
        let keys = (0..<count).map { SessionKey("session \($0)", tenant: tenant) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for first in 0..<50 {
                group.addTask {
                    for index in stride(from: first, to: count, by: 50) {
                        _ = try await store.write(1, to: keys[index])
                    }
                }
            }
            try await group.waitForAll()
        }
        return Set(keys)
    }

    /// Lists all sessions, in pages of 1,024.
    private static func list(_ store: RedisStore, through proxies: [FaultProxy]) async throws -> List {
        // The first list makes the connections.
        _ = try await store.list(tenant, cursor: nil, limit: 1)
        for proxy in proxies { proxy.resetCounts() }
        var list = List()
        var cursor: ListCursor?
        let duration = try await ContinuousClock()
            .measure {
                repeat {
                    let page = try await store.list(tenant, cursor: cursor, limit: scanned)
                    list.keys.formUnion(page.keys)
                    cursor = page.next
                } while cursor != nil
            }
        for counts in proxies.map(\.counts) {
            list.scans += counts.commands["SCAN", default: 0]
            list.roundTrips += counts.roundTrips
        }
        print("a list of \(count) sessions from \(proxies.count): \(list.roundTrips) round trips, \(duration)")
        return list
    }

    /// A session has two keys, a table of keys has at most twice as many buckets, and a page may end within a scan.
    private static func checkScans(_ list: List, nodes: Int) {
        #expect(list.scans <= 5 * count / scanned + 2 * nodes)
    }
}
