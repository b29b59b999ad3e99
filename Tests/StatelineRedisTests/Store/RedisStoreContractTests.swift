import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

@Suite struct RedisStoreContractTests {
    @Test(arguments: SessionStoreContract.Clause.allCases)
    func `the store keeps the contract`(clause: SessionStoreContract.Clause) async throws {
        try await check(clause)
    }

    /// The clauses that move the clock.
    private static let timed: Set<SessionStoreContract.Clause> = [
        .idleExpiry, .absoluteExpiry, .expiredStays, .expiredOrDeleted, .retention, .forkOutlivesExpiry,
        .leaseExpiry,
    ]

    @Test func `the clause about eviction finds a store that calls evicted sessions absent`() async throws {
        try await StoreFixture.run { fixture in
            // The server says that it does not evict.
            let contract = SessionStoreContract(
                fixture.store(),
                expiry: .declined(because: "another test checks it"),
                bound: .declined(because: "another test checks it"),
                eviction: .provided {
                    EvictingStore(fixture.store()) { try fixture.command("DEL", "g", "l", on: $0) }
                }
            )
            await #expect(throws: ContractViolation.self) { try await contract.check(.eviction) }
        }
    }

    private func check(_ clause: SessionStoreContract.Clause) async throws {
        try await StoreFixture.runTimed(movesClock: Self.timed.contains(clause)) { fixture in
            let contract = SessionStoreContract(
                fixture.store(),
                expiry: .provided { lifetime, retention in
                    ExpiringStore(fixture.store(lifetime, retention: retention)) { try fixture.server.advance(by: $0) }
                },
                bound: .filledByRecords(because: "a server's bound is for all its keys, marks among them") { bytes in
                    // For each command that it runs for the first time a server takes about 30 KB to time it.
                    try fixture.server.command(["CONFIG", "SET", "latency-tracking", "no"])
                    let used = try #require(try fixture.server.info("used_memory").flatMap { Int($0) })
                    try fixture.server.command(["CONFIG", "SET", "maxmemory", String(used + bytes)])
                    return fixture.store()
                },
                eviction: .provided {
                    try fixture.server.command(["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"])
                    return EvictingStore(fixture.store()) { try fixture.command("DEL", "g", "l", on: $0) }
                }
            )
            #expect(contract.applies(clause) || clause == .recordsLeaveRoom)
            try await contract.check(clause)
        }
    }
}
