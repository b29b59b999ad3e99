internal import Stateline

extension ContractCheck {
    /// Appends batches with kinds and tags that this version has no name for.
    func checkNewerContent() async throws {
        do {
            try await expectNewerContent()
        } catch let error as StoreError where error.reason == .corrupt {
            throw violation("batches of a newer writer", expected: "kept to the byte", actual: "\(error)")
        }
    }

    private func expectNewerContent() async throws {
        var log = try await write(1, to: key())
        for (kind, tag) in [(6, 128), (127, 200), (128, 254), (255, 255)] as [(UInt8, UInt8)] {
            let position = log.position
            let batch = log.append(newer: kind, extension: tag)
            try await expectAppend(batch, to: log.key, at: position, .committed, "a batch of kind \(kind)")
            try await expectAppend(batch, to: log.key, at: position, .duplicate, "a batch of kind \(kind)")
            try await append(to: &log)
        }
        try await expectLoad(log.key, .tail(log.batches))
        try await expectLoad(log.key, after: log.positions[1], .tail(Array(log.batches[1...])))
        var late = log.diverging(at: 1)
        let missing = Array(log.batches[1...])
        try await expectAppend(late.append(), to: log.key, at: log.positions[1], .stale(missing: missing))
        let fork = try await fork(log, as: "fork", at: 2)
        try await expectLoad(fork.key, .tail(fork.batches))
    }

    /// Checks that a store either cannot read a batch of another version or returns it unchanged.
    func checkNewerVersion() async throws {
        var log = try await write(2, to: key())
        let position = log.position
        let batch = log.append(version: 2)
        try await expectAppend(batch, to: log.key, at: position, .committed)
        try await expectGivenOrUnreadable("load", .tail(log.batches)) { () async throws(StoreError) in
            try await store.load(log.key, after: nil)
        }
        try await expectGivenOrUnreadable("load", .tail([batch])) { () async throws(StoreError) in
            try await store.load(log.key, after: position)
        }
        var late = log.diverging(at: 2)
        let second = late.append()
        let stale = AppendOutcome.stale(missing: [batch])
        try await expectGivenOrUnreadable("append", stale) { () async throws(StoreError) in
            AppendOutcome(try await store.append(second, to: log.key, expecting: position))
        }
    }

    private func expectGivenOrUnreadable<Value: Equatable>(
        _ operation: String,
        _ expected: Value,
        _ body: () async throws(StoreError) -> Value
    ) async throws {
        let what = "\(operation) if a batch of a newer version follows"
        let actual: Value
        do throws(StoreError) { actual = try await body() } catch {
            let isTold = error.reason == .unreadable(.unknownVersion(2)) && error.committed == .no
            guard isTold else { throw violation(what, expected: "unreadable, not committed", actual: "\(error)") }
            return
        }
        try expect(what, actual, expected)
    }
}
