internal import Stateline

extension SessionStoreContract {
    /// Checks the answers for a session that a store of its own gave up.
    func checkEviction() async throws {
        guard case .provided(let makeStore) = eviction else { return }
        let evicting = try await makeStore()
        try await Trial(store: evicting.store, clause: .eviction).checkEviction(evicting.evict)
    }
}

extension Trial {
    fileprivate func checkEviction(_ evict: @Sendable (SessionKey) async throws -> Void) async throws {
        let other = try await write(1, to: key("other"))
        var log = try await write(3, to: key())
        let position = log.position
        let fork = log.fork(as: "fork", at: 3)
        let late = log.append()
        try await evict(log.key)
        try await expectLoad(log.key, .gone(.evicted), "of which nothing is left")
        try await expectLoad(log.key, after: position, .gone(.evicted), "of which nothing is left")
        try await expectAppend(late, to: log.key, at: position, .gone(.evicted), "a late commit")
        try await expectFork(of: log.key, at: position, to: fork.key, fork.batches[3], .gone(.evicted))
        try await expectDelete(log.key, .gone(.evicted))
        try await expectLoad(other.key, .tail(other.batches), "which was not given up")
        // A creation is asked for by name: it makes another session, and the former one's writer is told.
        let new = try await write(1, to: key("new"))
        try await expectLoad(new.key, .tail(new.batches), "which was created afterwards")
    }
}
