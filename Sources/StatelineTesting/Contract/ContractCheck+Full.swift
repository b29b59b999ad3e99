internal import Stateline

extension SessionStoreContract {
    /// Checks that a full store refuses batches, on a store of its own.
    func checkFull() async throws {
        guard let makeStore = bound.makeStore else { return }
        let bytes = 1 << 20
        let check = ContractCheck(store: try await makeStore(bytes), clause: .full)
        try await check.checkFull(bytes, countsRenewals: leases.isProvided)
    }

    /// Checks that records of deleted sessions do not fill a store, on a store of its own.
    func checkRecordsLeaveRoom() async throws {
        guard case .provided(let makeStore) = bound else { return }
        let check = ContractCheck(store: try await makeStore(256 << 10), clause: .recordsLeaveRoom)
        try await check.checkRecordsLeaveRoom()
    }
}

extension ContractCheck {
    private static var text: String { String(repeating: "sixteen bytes ..", count: 1024) }

    fileprivate func checkFull(_ limit: Int, countsRenewals: Bool) async throws {
        var logs: [ExpectedLog] = []
        for number in 0..<4 { logs.append(try await write(1, to: key("session \(number)"))) }
        var written = 0
        var next = 0
        while try await appendUnlessFull(&logs[next % logs.count]) {
            written += Self.text.utf8.count
            next += 1
            guard written <= limit else {
                throw violation(
                    "appends to a store of \(limit) bytes",
                    expected: "a full store",
                    actual: "\(written) bytes"
                )
            }
        }
        // Without a pause, because a store in memory has room again after it has reclaimed memory.
        try await expectFull("creation in a full store") {
            var new = ExpectedLog(key("new"))
            let origin = new.position
            _ = try await store.append(new.append(Self.text), to: new.key, expecting: origin)
        }
        for log in logs { try await expectLoad(log.key, .tail(log.batches), "in a full store") }
        try await expectLoad(key("new"), .gone(.absent), "after a creation that was refused")
        if countsRenewals { try await checkLeaseInFullStore(of: logs[0]) }
        // The deleted session took more room than the record of its deletion.
        try await expectDelete(logs[next % logs.count].key, .deleted)
        var other = logs[(next + 1) % logs.count]
        try await append(Self.text, to: &other)
        try await expectLoad(other.key, .tail(other.batches), "after a deletion made room")
    }

    /// A full store counts a renewal or refuses it as full; it shows the lease in either case.
    private func checkLeaseInFullStore(of log: ExpectedLog) async throws {
        let turn = TurnID.random()
        var lease = LeaseResult.lease(of: nil, renewals: 0, position: log.position)
        do {
            let renewed = try await store.lease(of: log.key, renewing: turn)
            lease = .lease(of: turn, renewals: 1, position: log.position)
            try expect("renewal of a lease in a full store", renewed, lease)
        } catch let error as StoreError {
            try expectFull(error)
        }
        try await expectLease(of: log.key, lease, "in a full store")
    }

    /// Creates and deletes more sessions than the store has room to record, at 88 bytes each.
    fileprivate func checkRecordsLeaveRoom() async throws {
        for number in 0..<3000 {
            let key = key("session \(number)")
            do { _ = try await write(1, to: key) } catch let error as StoreError {
                throw violation("creation after \(number) deletions", expected: "committed", actual: "\(error)")
            }
            try await expectDelete(key, .deleted)
        }
        try await expectLoad(key("session 2999"), .gone(.deleted), "the session that was deleted last")
    }

    /// Appends a batch of 16 KiB.
    ///
    /// - Returns: `true` if it was committed. If the store was full, the log is unchanged.
    private func appendUnlessFull(_ log: inout ExpectedLog) async throws -> Bool {
        let position = log.position
        var longer = log
        let batch = longer.append(Self.text)
        do {
            let result = try await store.append(batch, to: log.key, expecting: position)
            try expect("append of 16 KiB", AppendOutcome(result), .committed)
        } catch let error as StoreError {
            try expectFull(error)
            return false
        }
        log = longer
        return true
    }

    private func expectFull(_ operation: String, _ body: () async throws -> Void) async throws {
        do { try await body() } catch let error as StoreError { return try expectFull(error) }
        throw violation(operation, expected: "a full store", actual: "no error")
    }

    private func expectFull(_ error: StoreError) throws {
        guard error.reason != .full || error.committed != .no else { return }
        throw violation(
            "request to a full store",
            expected: "full, committed no",
            actual: "\(error.reason), committed \(error.committed)"
        )
    }
}
