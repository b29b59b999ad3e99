internal import Stateline

extension ContractCheck {
    private static var renewalCount: UInt64 { 64 }

    func checkLease() async throws {
        let log = try await write(2, to: key())
        let other = try await write(1, to: key("other"))
        let turns = [TurnID.random(), .random()]
        func expectRenewal(of turn: TurnID, _ count: UInt64, _ why: String = "") async throws {
            let lease = LeaseResult.lease(of: turn, renewals: count, position: log.position)
            try await expectLease(of: log.key, renewing: turn, lease, why)
            for _ in 0..<2 { try await expectLease(of: log.key, lease, "after a renewal") }
        }
        try await expectLease(of: log.key, .lease(of: nil, renewals: 0, position: log.position), "before a renewal")
        for count in 1...3 { try await expectRenewal(of: turns[0], UInt64(count)) }
        try await expectRenewal(of: turns[1], 1, "another turn")
        try await expectRenewal(of: turns[1], 2, "another turn")
        try await expectRenewal(of: turns[0], 1, "the first turn after another one")
        try await expectLease(of: other.key, .lease(of: nil, renewals: 0, position: other.position), "another session")
    }

    func checkLeaseBesideLog() async throws {
        var log = try await write(3, to: key())
        let turn = TurnID.random()
        let before = log.position
        try await expectLease(of: log.key, renewing: turn, .lease(of: turn, renewals: 1, position: before))
        try await expectLoad(log.key, .tail(log.batches), "after a renewal")
        try await expectLoad(log.key, after: before, .current, "after a renewal")
        try await expectAppend(log.batches[2], to: log.key, at: log.positions[2], .duplicate, "after a renewal")
        var late = log.diverging(at: 3)
        try await append(to: &log)
        try await expectLease(of: log.key, .lease(of: turn, renewals: 1, position: log.position), "after a commit")
        try await expectAppend(late.append(), to: log.key, at: before, .stale(missing: [log.batches[3]]))
        try await expectLease(of: log.key, renewing: turn, .lease(of: turn, renewals: 2, position: log.position))
        try await expectPosition(of: log.key, log.position)
        var fork = try await fork(log, as: "fork", at: 4)
        try await expectLease(of: fork.key, .lease(of: nil, renewals: 0, position: fork.position), "of a fork")
        let other = TurnID.random()
        try await expectLease(of: fork.key, renewing: other, .lease(of: other, renewals: 1, position: fork.position))
        try await append(to: &fork)
        try await expectLoad(fork.key, .tail(fork.batches), "after a renewal")
        try await expectLease(
            of: log.key,
            .lease(of: turn, renewals: 2, position: log.position),
            "after a renewal of its fork's"
        )
        try await expectLoad(log.key, .tail(log.batches), "after renewals")
        try await expectDelete(log.key, at: log.position, .deleted, "after renewals")
    }

    func checkLeaseAbsence() async throws {
        let turn = TurnID.random()
        let absent = key("absent")
        try await expectLease(of: absent, .gone(.absent))
        try await expectLease(of: absent, renewing: turn, .gone(.absent))
        try await expectLoad(absent, .gone(.absent), "after a renewal that was refused")
        var log = try await write(1, to: key())
        let position = log.position
        try await expectLease(of: log.key, renewing: turn, .lease(of: turn, renewals: 1, position: position))
        try await expectDelete(log.key, .deleted)
        try await expectLease(of: log.key, .gone(.deleted))
        try await expectLease(of: log.key, renewing: turn, .gone(.deleted))
        try await expectLoad(log.key, .gone(.deleted), "after a renewal that was refused")
        try await expectAppend(log.append(), to: log.key, at: position, .gone(.deleted))
        try expect("list of gone sessions", try await listAll(tenant, limit: 10), [])
    }

    /// Renews a lease from many tasks while a writer commits.
    func checkRacingRenewals() async throws {
        let start = try await write(1, to: key())
        let turn = TurnID.random()
        let (log, leases) = try await withThrowingTaskGroup(of: LeaseResult.self) { group in
            for _ in 0..<Self.renewalCount {
                group.addTask { try await store.lease(of: start.key, renewing: turn) }
            }
            var log = start
            for _ in 0..<20 {
                try await append(to: &log)
                await Task.yield()
            }
            return (log, try await group.reduce(into: [LeaseResult]()) { $0.append($1) })
        }
        var counts: [UInt64] = []
        for lease in leases {
            guard case .lease(turn, let count, let position) = lease, log.positions.contains(position) else {
                throw violation("one of many renewals", expected: "a lease", actual: "\(lease)")
            }
            counts.append(count)
        }
        try expect("counts of many renewals", counts.sorted(), Array(1...Self.renewalCount))
        let last = LeaseResult.lease(of: turn, renewals: Self.renewalCount, position: log.position)
        try await expectLease(of: log.key, last, "after the race")
        try await expectLoad(log.key, .tail(log.batches), "after the race")
    }
}
