internal import Stateline

extension SessionStoreContract {
    /// Checks a clause about lifetimes, on a store of its own.
    func checkExpiry(_ clause: Clause) async throws {
        guard case .provided(let makeStore) = expiry else { return }
        let lifetime: Lifetime =
            clause == .absoluteExpiry || clause == .leaseExpiry
            ? .both(idle: ExpiryCheck.idle, absolute: ExpiryCheck.absolute) : .idle(ExpiryCheck.idle)
        let expiring = try await makeStore(lifetime, ExpiryCheck.retention)
        let check = ExpiryCheck(base: ContractCheck(store: expiring.store, clause: clause), advance: expiring.advance)
        switch clause {
        case .leaseExpiry: try await check.checkLeaseExpiry()
        case .idleExpiry: try await check.checkIdleExpiry()
        case .absoluteExpiry: try await check.checkAbsoluteExpiry()
        case .expiredStays: try await check.checkExpiredStays()
        case .expiredOrDeleted: try await check.checkExpiredOrDeleted()
        case .retention: try await check.checkRetention()
        case .forkOutlivesExpiry: try await check.checkForkOutlivesExpiry()
        default: preconditionFailure("\(clause) is not about lifetimes")
        }
    }
}

/// A check of one clause about lifetimes, with a function that advances the store's time.
private struct ExpiryCheck: Sendable {
    static let idle: Duration = .seconds(600)
    static let absolute: Duration = .seconds(1000)
    static let retention: Duration = .seconds(86_400)

    let base: ContractCheck
    let advance: @Sendable (Duration) async throws -> Void

    private func wait(_ seconds: Int) async throws {
        try await advance(.seconds(seconds))
    }

    func checkIdleExpiry() async throws {
        var log = try await base.write(2, to: base.key())
        try await wait(599)
        try await base.expectLoad(log.key, .tail(log.batches), "a second before the end of its idle time")
        try await base.append(to: &log)
        try await wait(599)
        try await base.expectLoad(
            log.key,
            .tail(log.batches),
            "a second before the end of its idle time, which a commit restarted"
        )
        try await wait(1)
        try await base.expectLoad(log.key, .gone(.expired), "at the end of its idle time, which a read does not extend")
        try await base.expectLoad(log.key, after: log.position, .gone(.expired))
    }

    func checkLeaseExpiry() async throws {
        let log = try await base.write(1, to: base.key())
        let read = try await base.write(1, to: base.key("read"))
        let turn = TurnID.random()
        func expectRenewal(_ count: UInt64) async throws {
            try await base.expectLease(
                of: log.key,
                renewing: turn,
                .lease(of: turn, renewals: count, position: log.position)
            )
        }
        try await wait(599)
        try await expectRenewal(1)
        try await base.expectLease(of: read.key, .lease(of: nil, renewals: 0, position: read.position))
        try await wait(1)
        try await base.expectLoad(read.key, .gone(.expired), "after its idle time, which a read does not extend")
        try await base.expectLease(of: read.key, .gone(.expired))
        try await base.expectLease(of: read.key, renewing: turn, .gone(.expired), "a late renewal")
        try await base.expectLoad(read.key, .gone(.expired), "after a late renewal")
        try await wait(399)
        try await base.expectLoad(log.key, .tail(log.batches), "within its idle time, which a renewal restarted")
        try await expectRenewal(2)
        try await wait(1)
        try await base.expectLoad(log.key, .gone(.expired), "at its maximum age, which a renewal does not extend")
        try await base.expectLease(of: log.key, renewing: turn, .gone(.expired))
        try await wait(86_400)
        let again = try await base.write(1, to: log.key)
        let none = LeaseResult.lease(of: nil, renewals: 0, position: again.position)
        try await base.expectLease(of: log.key, none, "of a session that was created again")
    }

    func checkAbsoluteExpiry() async throws {
        var log = try await base.write(1, to: base.key())
        let idle = try await base.write(1, to: base.key("idle"))
        try await wait(500)
        try await base.append(to: &log)
        try await wait(100)
        try await base.expectLoad(idle.key, .gone(.expired), "at the earlier of its two ends, the idle one")
        try await wait(399)
        try await base.expectLoad(log.key, .tail(log.batches), "a second before its maximum age")
        try await base.append(to: &log)
        try await wait(1)
        try await base.expectLoad(log.key, .gone(.expired), "at its maximum age, which a commit does not extend")
    }

    func checkExpiredStays() async throws {
        var log = try await base.write(3, to: base.key())
        let fork = log.fork(as: "fork", at: 3)
        let position = log.position
        try await wait(600)
        try await base.expectAppend(
            log.batches[2],
            to: log.key,
            at: log.positions[2],
            .gone(.expired),
            "its last batch"
        )
        try await base.expectAppend(log.append(), to: log.key, at: position, .gone(.expired), "a late commit")
        try await base.expectFork(of: log.key, at: position, to: fork.key, fork.batches[3], .gone(.expired))
        try await base.expectLoad(fork.key, .gone(.absent), "after a fork that was refused")
        try await base.expectDelete(log.key, .gone(.expired))
        try await base.expectDelete(log.key, at: position, .gone(.expired))
        var again = ExpectedLog(log.key)
        let origin = again.position
        try await base.expectAppend(again.append(), to: log.key, at: origin, .gone(.expired), "a new creation")
        try await base.expectLoad(log.key, .gone(.expired), "after all requests were refused")
        try base.expect("list with an expired session", try await base.listAll(base.tenant, limit: 10), [])
    }

    func checkExpiredOrDeleted() async throws {
        let deleted = try await base.write(1, to: base.key("deleted"))
        let expired = try await base.write(1, to: base.key("expired"))
        try await base.expectDelete(deleted.key, .deleted)
        try await wait(300)
        let living = try await base.write(1, to: base.key("living"))
        for seconds in [299, 1, 299] {
            try await base.expectLoad(deleted.key, .gone(.deleted))
            try await base.expectLoad(base.key("never"), .gone(.absent))
            try await base.expectLoad(living.key, .tail(living.batches))
            try await wait(seconds)
        }
        try await base.expectLoad(expired.key, .gone(.expired))
        try await base.expectLoad(deleted.key, .gone(.deleted), "after the end of the lifetime that it had")
        try base.expect("list beside gone sessions", try await base.listAll(base.tenant, limit: 10), [living.key])
    }

    func checkRetention() async throws {
        var expired = try await base.write(2, to: base.key("expired"))
        let deleted = try await base.write(2, to: base.key("deleted"))
        try await base.expectDelete(deleted.key, .deleted)
        try await wait(86_399)
        try await base.expectLoad(deleted.key, .gone(.deleted), "a second before the retention ends")
        try await wait(1)
        try await base.expectLoad(deleted.key, .gone(.absent), "after the retention")
        try await wait(599)
        try await base.expectLoad(expired.key, .gone(.expired), "a second before the retention ends")
        try await wait(1)
        try await base.expectLoad(expired.key, .gone(.absent), "after the retention")
        let position = expired.position
        try await base.expectAppend(expired.append(), to: expired.key, at: position, .gone(.absent), "a late commit")
        let new = try await base.write(1, to: expired.key)
        try await base.expectLoad(new.key, .tail(new.batches), "the new session")
        try await base.expectLoad(new.key, after: position, .regressed, "the former session's position")
        try await base.expectAppend(
            expired.append(),
            to: new.key,
            at: expired.positions[3],
            .regressed,
            "a late commit"
        )
        let fork = try await base.fork(new, as: "deleted", at: 1)
        try await base.expectLoad(fork.key, .tail(fork.batches), "a fork with the key of a forgotten session")
    }

    func checkForkOutlivesExpiry() async throws {
        let parent = try await base.write(3, to: base.key())
        try await wait(300)
        var fork = try await base.fork(parent, as: "fork", at: 2)
        let first = fork.batches[2]
        try await wait(300)
        try await base.expectLoad(parent.key, .gone(.expired))
        try await base.expectLoad(fork.key, .tail(fork.batches), "after its parent expired")
        let parting = parent.positions[2]
        try await base.expectFork(of: parent.key, at: parting, to: fork.key, first, .duplicate, "requested again")
        let late = parent.fork(as: "late", at: 2)
        try await base.expectFork(of: parent.key, at: parting, to: late.key, late.batches[2], .gone(.expired))
        try await base.append(to: &fork)
        try await wait(300)
        let second = try await base.fork(fork, as: "second", at: 4)
        try await wait(299)
        try await base.expectLoad(fork.key, .tail(fork.batches), "a second before the end of its own lifetime")
        try await wait(1)
        try await base.expectLoad(fork.key, .gone(.expired))
        try await base.expectLoad(second.key, .tail(second.batches), "after its parent's parent and its parent expired")
        let again = second.fork(as: "fork", at: 5).batches[5]
        try await base.expectFork(
            of: second.key,
            at: second.position,
            to: fork.key,
            again,
            .taken,
            "an expired fork's key"
        )
    }
}
