internal import NIOConcurrencyHelpers
internal import Stateline

extension ContractCheck {
    private static var racerCount: Int { 8 }

    /// Appends from several tasks until each has committed five batches; a stale task follows the missing batches.
    func checkRacingAppends() async throws {
        let log = try await write(1, to: key())
        let wins = 5
        let won = try await withThrowingTaskGroup { group in
            for racer in 0..<Self.racerCount {
                group.addTask { try await race(log, wins: wins, racer: racer) }
            }
            return try await group.reduce(into: [EncodedBatch]()) { $0 += $1 }
        }
        let revisions = won.map(\.position.revision.rawValue).sorted()
        try expect("committed revisions", revisions, Array(2..<UInt64(2 + Self.racerCount * wins)))
        let batches = log.batches + won.sorted { $0.position.revision < $1.position.revision }
        try await expectLoad(log.key, .tail(batches), "after the race")
    }

    private func race(_ log: ExpectedLog, wins: Int, racer: Int) async throws -> [EncodedBatch] {
        var writer = log.writer
        var won: [EncodedBatch] = []
        while won.count < wins {
            var ahead = writer
            let batch = ahead.append(.prompt("racer \(racer), win \(won.count)"))
            switch try await store.append(batch, to: log.key, expecting: writer.position) {
            case .committed:
                won.append(batch)
                writer = ahead
            case .stale(let missing):
                // Following checks by digest that the batches continue the log.
                guard !missing.isEmpty else {
                    throw violation("append in a race", expected: "the missing batches", actual: "none")
                }
                try writer.follow(missing)
            case let other:
                throw violation("append in a race", expected: "committed or stale", actual: "\(other)")
            }
        }
        return won
    }

    func checkRacingRetries() async throws {
        var log = try await write(1, to: key())
        let position = log.position
        let key = log.key
        let batch = log.append()
        let results = try await withThrowingTaskGroup { group in
            for _ in 0..<Self.racerCount {
                group.addTask { AppendOutcome(try await store.append(batch, to: key, expecting: position)) }
            }
            return try await group.reduce(into: [AppendOutcome]()) { $0.append($1) }
        }
        try expect("appends that were committed", results.count { $0 == .committed }, 1)
        try expect("appends that were duplicates", results.count { $0 == .duplicate }, Self.racerCount - 1)
        try await expectLoad(log.key, .tail(log.batches), "after the race")
    }

    func checkRacingCreations() async throws {
        let key = key()
        let results = try await withThrowingTaskGroup { group in
            for _ in 0..<Self.racerCount {
                group.addTask {
                    var log = ExpectedLog(key)
                    let origin = log.position
                    let first = log.append()
                    return (first, AppendOutcome(try await store.append(first, to: key, expecting: origin)))
                }
            }
            return try await group.reduce(into: [(EncodedBatch, AppendOutcome)]()) { $0.append($1) }
        }
        let winners = results.filter { $0.1 == .committed }
        try expect("creations that were committed", winners.count, 1)
        try expect("creations that were refused", results.count { $0.1 == .regressed }, Self.racerCount - 1)
        try await expectLoad(key, .tail(winners.map(\.0)), "after the race")
    }

    /// Loads and opens a session while a writer commits.
    ///
    /// No result may be older than a commit that was acknowledged before the read began.
    func checkFreshReads() async throws {
        let log = try await write(1, to: key())
        let acknowledged = NIOLockedValueBox<Revision?>(log.position.revision)
        try await withThrowingTaskGroup { group in
            for reader in 0..<4 {
                group.addTask { try await read(log.key, opens: reader % 2 == 0, acknowledged) }
            }
            group.addTask {
                defer { acknowledged.withLockedValue { $0 = nil } }
                var log = log
                for _ in 0..<100 {
                    await Task.yield()
                    try await append(to: &log)
                    acknowledged.withLockedValue { $0 = log.position.revision }
                }
            }
            try await group.waitForAll()
        }
    }

    private func read(
        _ key: SessionKey,
        opens: Bool,
        _ acknowledged: NIOLockedValueBox<Revision?>
    ) async throws {
        while let floor = acknowledged.withLockedValue({ $0 }) {
            let revision: Revision
            if opens {
                let boundary = Boundary(store: store, keys: SessionStoreContract.keys)
                let session = try await boundary.session(key, model: ScriptedModel([]), opening: .resume)
                revision = session.snapshot.position.revision
            } else {
                guard case .tail(let batches) = try await store.load(key, after: nil), let last = batches.last else {
                    throw violation("load while another writes", expected: "a tail", actual: "none")
                }
                revision = last.position.revision
            }
            guard revision >= floor else {
                throw violation(
                    opens ? "opening while another writes" : "load while another writes",
                    expected: "revision \(floor) or later",
                    actual: "revision \(revision)"
                )
            }
            // A store may answer without suspending, and there may be fewer threads than tasks.
            await Task.yield()
        }
    }
}
