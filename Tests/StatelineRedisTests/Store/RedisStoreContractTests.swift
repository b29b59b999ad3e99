import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

@Suite struct RedisStoreContractTests {
    @Test(arguments: SessionStoreContract.Clause.allCases)
    func `the store keeps the contract`(clause: SessionStoreContract.Clause) async throws {
        try await check(clause, .string)
    }

    @Test(arguments: SessionStoreContract.Clause.allCases)
    func `the store of streams keeps the contract`(clause: SessionStoreContract.Clause) async throws {
        try await check(clause, .stream)
    }

    /// The clauses that move the clock.
    private static let timed: Set<SessionStoreContract.Clause> = [
        .idleExpiry, .absoluteExpiry, .expiredStays, .expiredOrDeleted, .retention, .forkOutlivesExpiry,
    ]

    @Test func `the clause about eviction finds a store that calls evicted sessions absent`() async throws {
        try await StoreBench.run { bench in
            // The server says that it does not evict.
            let contract = SessionStoreContract(
                bench.store(),
                expiry: .declined(because: "another test checks it"),
                bound: .declined(because: "another test checks it"),
                eviction: .provided {
                    EvictingStore(bench.store()) { try bench.command("DEL", "g", "l", on: $0) }
                }
            )
            await #expect(throws: ContractViolation.self) { try await contract.check(.eviction) }
        }
    }

    private func check(_ clause: SessionStoreContract.Clause, _ layout: LogLayout) async throws {
        try await StoreBench.runTimed(layout: layout, movesClock: Self.timed.contains(clause)) { bench in
            let contract = SessionStoreContract(
                bench.store(),
                expiry: .provided { lifetime, retention in
                    ExpiringStore(bench.store(lifetime, retention: retention)) { try bench.server.advance(by: $0) }
                },
                bound: .provided { bytes in
                    // For each command that it runs for the first time a server takes about 30 KB to time it.
                    try bench.server.command(["CONFIG", "SET", "latency-tracking", "no"])
                    let used = try #require(try bench.server.info("used_memory").flatMap { Int($0) })
                    // What connections use now they may not need later, so a stream could hold more than it is given. A
                    // string doubles: it reaches its bound sooner, and goes beyond it by its last growth.
                    let margin = layout == .stream ? 128 << 10 : 0
                    try bench.server.command(["CONFIG", "SET", "maxmemory", String(used + bytes - margin)])
                    return bench.store()
                },
                eviction: .provided {
                    try bench.server.command(["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"])
                    return EvictingStore(bench.store()) { try bench.command("DEL", "g", "l", on: $0) }
                }
            )
            #expect(contract.applies(clause))
            try await contract.check(clause)
        }
    }
}
