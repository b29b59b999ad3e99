internal import Stateline

extension SessionStoreContract {
    /// Checks the answers for an evicted session, on a store of its own.
    func checkEviction() async throws {
        guard case .provided(let makeStore) = eviction else { return }
        let evicting = try await makeStore()
        let check = ContractCheck(store: evicting.store, clause: .eviction)
        try await check.checkEviction(countsRenewals: leases.isProvided, evicting.evict)
    }
}

extension ContractCheck {
    fileprivate func checkEviction(
        countsRenewals: Bool,
        _ evict: @Sendable (SessionKey) async throws -> Void
    ) async throws {
        let other = try await write(1, to: key("other"))
        var log = try await write(3, to: key())
        let position = log.position
        let fork = log.fork(as: "fork", at: 3)
        let late = log.append()
        try await evict(log.key)
        try await expectLoad(log.key, .gone(.evicted), "after its eviction")
        try await expectLoad(log.key, after: position, .gone(.evicted), "after its eviction")
        try await expectAppend(late, to: log.key, at: position, .gone(.evicted), "a late commit")
        try await expectFork(of: log.key, at: position, to: fork.key, fork.batches[3], .gone(.evicted))
        if countsRenewals {
            try await expectLease(of: log.key, .gone(.evicted))
            try await expectLease(of: log.key, renewing: .random(), .gone(.evicted))
        }
        try await expectDelete(log.key, .gone(.evicted))
        try await expectLoad(other.key, .tail(other.batches), "which was not evicted")
        // A creation names its incarnation, so it makes another session, and an append of the evicted one is refused.
        let new = try await write(1, to: key("new"))
        try await expectLoad(new.key, .tail(new.batches), "created after the eviction")
    }
}
