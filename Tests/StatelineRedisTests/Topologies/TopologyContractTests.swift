import Stateline
import StatelineMemory
import StatelineTesting
import Testing

@testable import StatelineRedis

/// The contract of stores, kept wherever a URL can lead.
@Suite(.serialized) struct TopologyContractTests {
    private static let clockless = SessionStoreContract.Expiry.declined(
        because:
            "nodes that watch each other do it by their wall clocks, which cannot stand; the single server has proved it"
    )

    /// Checks all clauses, at once where they do not move a clock or take away memory.
    private static func check(_ contract: SessionStoreContract) async {
        let alone: Set<SessionStoreContract.Clause> = [
            .idleExpiry, .absoluteExpiry, .expiredStays, .expiredOrDeleted, .retention, .forkOutlivesExpiry, .full,
            .leaseExpiry,
        ]
        await withTaskGroup(of: Void.self) { group in
            for clause in SessionStoreContract.Clause.allCases where !alone.contains(clause) {
                group.addTask { await check(contract, clause) }
            }
        }
        for clause in SessionStoreContract.Clause.allCases where alone.contains(clause) {
            await check(contract, clause)
        }
    }

    private static func check(_ contract: SessionStoreContract, _ clause: SessionStoreContract.Clause) async {
        do {
            try await contract.check(clause)
        } catch {
            Issue.record(error, "\(clause.rawValue)")
        }
    }

    @Test func `a cluster keeps the contract`() async throws {
        try await RedisCluster.run { cluster in
            let seeds = cluster.nodes.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
            let store = RedisStore(try RedisURL("redis+cluster://\(seeds)"))
            await Self.check(
                SessionStoreContract(
                    store,
                    expiry: Self.clockless,
                    bound: .declined(because: "each node has a bound of its own; the single server has proved it")
                )
            )
            await store.close()
        }
    }

    @Test func `what sentinels watch over keeps the contract`() async throws {
        try await RedisSentinel.run { watched in
            let sentinels = watched.sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
            let store = RedisStore(try RedisURL("redis+sentinel://\(sentinels)/\(watched.name)"))
            await Self.check(
                SessionStoreContract(
                    store,
                    expiry: Self.clockless,
                    bound: .declined(
                        because: "what replicas take of the bound is not to be told; the single server has proved it"
                    )
                )
            )
            await store.close()
        }
    }

    @Test func `a server behind TLS keeps the contract`() async throws {
        try await RedisCertificates.run { certificates in
            var options = RedisServer.Options()
            options.tls = certificates
            options.clock = .manual
            options.users = ["app on >s3cret ~sl1:* +@all"]
            try await RedisServer.runEncrypted(options) { server in
                try server.requirePromptClock()
                let port = try #require(server.tlsPort)
                let url = try RedisURL("rediss://app:s3cret@localhost:\(port)?ca=\(certificates.authorityPath)")
                let store = RedisStore(url)
                await Self.check(
                    SessionStoreContract(
                        store,
                        expiry: .provided { lifetime, retention in
                            let store = RedisStore(url, lifetime: lifetime, retention: retention)
                            return ExpiringStore(store) { try server.advance(by: $0) }
                        },
                        bound: .filledByRecords(because: "a server's bound is for all its keys, marks among them") {
                            try await RedisStore.make(url, in: server, bytes: $0)
                        }
                    )
                )
                await store.close()
            }
        }
    }

    @Test(arguments: [CacheValidation.optimistic, .beforeCall])
    func `a cache over the store keeps the contract`(validation: CacheValidation) async throws {
        var options = RedisServer.Options()
        options.clock = .manual
        try await RedisServer.run(options) { server in
            try server.requirePromptClock()
            let url = try RedisURL("redis+unix://\(server.socketPath)")
            let store = RedisStore(url)
            await Self.check(
                SessionStoreContract(
                    LogStore(store, cache: MemoryCache(validation: validation)),
                    expiry: .provided { lifetime, retention in
                        let clock = ManualClock()
                        let store = RedisStore(url, lifetime: lifetime, retention: retention)
                        return ExpiringStore(
                            LogStore(store, cache: MemoryCache(validation: validation, clock: clock))
                        ) { duration in
                            clock.advance(by: duration)
                            try server.advance(by: duration)
                        }
                    },
                    bound: .filledByRecords(because: "a server's bound is for all its keys, marks among them") {
                        LogStore(
                            try await RedisStore.make(url, in: server, bytes: $0),
                            cache: MemoryCache(validation: validation)
                        )
                    }
                )
            )
            await store.close()
        }
    }
}

extension RedisStore {
    /// A store in a server that has room for so many bytes more.
    fileprivate static func make(_ url: RedisURL, in server: RedisServer, bytes: Int) async throws -> RedisStore {
        // For each command that it runs for the first time a server takes about 30 KB to time it, and as much for a
        // connection: so both lanes are used before room is measured.
        try server.command(["CONFIG", "SET", "latency-tracking", "no"])
        let store = RedisStore(url)
        let nobody = SessionKey("nobody")
        _ = try await store.load(nobody, after: nil)
        _ = try await store.load(nobody, after: .origin(of: nobody, incarnation: .random()))
        let used = try #require(try server.info("used_memory").flatMap { Int($0) })
        try server.command(["CONFIG", "SET", "maxmemory", String(used + bytes)])
        return store
    }
}
