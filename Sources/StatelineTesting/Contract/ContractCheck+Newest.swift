internal import Stateline

extension ContractCheck {
    func checkNewest() async throws {
        var log = try await write(20, to: key())
        let single = try await write(1, to: key("single"))
        let first = try await fork(log, as: "first", at: 12)
        var fork = try await fork(first, as: "fork", at: 13)
        try await append(to: &fork)
        var large = try await write(2, to: key("large"))
        try await append(String(repeating: "sixteen bytes ..", count: 1 << 16), to: &large)
        let deleted = try await write(2, to: key("deleted"))
        try await expectDelete(deleted.key, .deleted)
        var logs = [log, single, first, fork, large]
        let gone = [deleted.key, key("absent")]
        try await expectNewest(of: logs, gone)
        try await append(to: &log)
        logs[0] = log
        try await expectNewest(of: logs, gone, "after a commit")
        try await expectDelete(log.key, .deleted)
        try await expectNewest(of: Array(logs[1...]), gone + [log.key], "after the deletion of a parent")
        try expect("newest batches of no session", try await store.newest(of: []), [])
    }

    /// Compares the newest batches of logs and of sessions that are gone, and of each alone.
    private func expectNewest(of logs: [ExpectedLog], _ gone: [SessionKey], _ why: String = "") async throws {
        let keys = gone + logs.map(\.key) + gone
        let none = gone.map { _ in EncodedBatch?.none }
        let expected = none + logs.map(\.batches.last) + none
        try expect("newest batches", try await store.newest(of: keys), expected, why: why)
        for (key, batch) in zip(keys, expected) {
            try expect("newest batch of \(key)", try await store.newest(of: [key]), [batch], why: why)
        }
    }
}
