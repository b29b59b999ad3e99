import Stateline
import StatelineMemory
import StatelineTesting
import Testing

@Suite struct MemoryStoreTests {
    let contract = SessionStoreContract(
        MemoryStore(),
        expiry: .provided { lifetime, retention in
            let clock = ManualClock()
            return ExpiringStore(MemoryStore(lifetime: lifetime, retention: retention, clock: clock), clock: clock)
        },
        bound: .provided { MemoryStore(byteLimit: $0) }
    )

    @Test(arguments: SessionStoreContract.Clause.allCases)
    func `the store keeps the contract`(clause: SessionStoreContract.Clause) async throws {
        try await contract.check(clause)
    }

    @Test(arguments: SessionStoreContract.Clause.allCases)
    func `the store keeps the contract with encrypted batches`(clause: SessionStoreContract.Clause) async throws {
        try await contract.check(clause, keys: KeyRing(.random(id: 1)))
    }

    @Test func `the contract can be checked again in a store that is used`() async throws {
        try await contract.check()
        try await contract.check()
    }

    @Test func `a cursor of another store begins anew`() async throws {
        let store = MemoryStore()
        let key = SessionKey("session")
        var writer = LogWriter(key)
        let origin = writer.position
        _ = try await store.append(writer.append(.prompt("a")), to: key, expecting: origin)
        for text in ["", "x", "-1", "1", "99999999999999999999", "memory", "memory.x", "memory..x"] {
            let page = try await store.list(key.tenant, cursor: ListCursor(rawValue: text), limit: 10)
            #expect(page == ListPage(keys: [key], next: nil))
        }
    }
}
