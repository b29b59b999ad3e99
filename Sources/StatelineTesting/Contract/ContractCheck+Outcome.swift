internal import NIOConcurrencyHelpers
internal import Stateline

extension ContractCheck {
    func checkLargeEntries() async throws {
        // No part of the text occurs twice, so that a cut or a repetition changes the bytes.
        var words = SeededGenerator(seed: 0x1_0000)
        var text = ""
        while text.utf8.count < 1 << 20 { text += String(words.next(), radix: 36) + "\u{e9}\0\n" }
        var log = try await write(1, to: key())
        try await append(text, to: &log)
        try await append(to: &log)
        try await append(String(text.reversed()), to: &log)
        try await expectLoad(log.key, .tail(log.batches))
        try await expectLoad(log.key, after: log.positions[1], .tail(Array(log.batches[1...])))
        let fork = try await fork(log, as: "fork", at: 2)
        try await expectLoad(fork.key, .tail(fork.batches))
    }

    func checkUnknownOutcome() async throws {
        // The request arrived, and the reply was lost.
        var log = try await write(3, to: key())
        for revision in [1, 3] {
            let position = log.positions[revision - 1]
            try await expectAppend(
                log.batches[revision - 1],
                to: log.key,
                at: position,
                .duplicate,
                "after a lost reply"
            )
        }
        // The request did not arrive, and other writers committed first.
        var late = log.diverging(at: 2)
        let batch = late.append()
        let missing = [log.batches[2]]
        for _ in 0..<2 {
            try await expectAppend(batch, to: log.key, at: log.positions[2], .stale(missing: missing), "a lost request")
        }
        try await expectCancelledAppends(to: &log)
        try await expectLoad(log.key, .tail(log.batches), "after all batches were sent again")
        try await expectDelete(log.key, at: log.position, .deleted)
        try await expectDelete(log.key, at: log.position, .gone(.deleted), "after a lost reply")
        let last = log.batches.count - 1
        try await expectAppend(
            log.batches[last],
            to: log.key,
            at: log.positions[last],
            .gone(.deleted),
            "a batch whose reply was lost, after a deletion"
        )
    }

    /// Sends batches from cancelled tasks, so that their outcome is unknown, then sends them again.
    private func expectCancelledAppends(to log: inout ExpectedLog) async throws {
        for _ in 0..<8 {
            let (key, position) = (log.key, log.position)
            let batch = log.append()
            await withTaskGroup { group in
                group.addTask { _ = try? await store.append(batch, to: key, expecting: position) }
                group.cancelAll()
            }
            switch try await store.append(batch, to: key, expecting: position) {
            case .committed, .duplicate: continue
            case let other:
                throw violation("append after a cancelled one", expected: "committed or duplicate", actual: "\(other)")
            }
        }
    }

    /// Deletes the session while four tasks append to it, which try to create it again once it is gone.
    func checkRacingDeletion() async throws {
        let log = try await write(1, to: key())
        let race = DeletionRace()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for racer in 0..<4 {
                group.addTask { try await appendUntilGone(log, racer: racer, race) }
            }
            group.addTask {
                while race.appendCount < 16 {
                    try Task.checkCancellation()
                    await Task.yield()
                }
                try await expectDelete(log.key, .deleted, "while other tasks append")
                race.deleted()
                try await expectLoad(log.key, .gone(.deleted), "directly after its deletion")
            }
            try await group.waitForAll()
        }
        try await expectLoad(log.key, .gone(.deleted), "after the race")
        try expect("list after the race", try await listAll(tenant, limit: 10), [])
    }

    private func appendUntilGone(_ log: ExpectedLog, racer: Int, _ race: DeletionRace) async throws {
        var writer = log.writer
        while true {
            try Task.checkCancellation()
            // A store may answer without suspending, and there may be fewer threads than tasks.
            await Task.yield()
            var ahead = writer
            let batch = ahead.append(.prompt("racer \(racer)"))
            let wasDeleted = race.isDeleted
            switch try await store.append(batch, to: log.key, expecting: writer.position) {
            case .committed where !wasDeleted:
                writer = ahead
                race.appended()
            case .stale(let missing) where !wasDeleted: try writer.follow(missing)
            case .gone(.deleted):
                var again = ExpectedLog(log.key)
                let origin = again.position
                try await expectAppend(again.append(), to: log.key, at: origin, .gone(.deleted), "a creation in a race")
                return
            case let other:
                let expected = wasDeleted ? "gone(deleted)" : "committed, stale or gone(deleted)"
                throw violation("append in a race with a deletion", expected: expected, actual: "\(other)")
            }
        }
    }
}

/// The state shared by the tasks that append and the task that deletes.
private final class DeletionRace: Sendable {
    private let state = NIOLockedValueBox((appendCount: 0, isDeleted: false))

    var appendCount: Int { state.withLockedValue { $0.appendCount } }
    /// `true` after the deletion was acknowledged.
    var isDeleted: Bool { state.withLockedValue { $0.isDeleted } }

    func appended() {
        state.withLockedValue { $0.appendCount += 1 }
    }

    func deleted() {
        state.withLockedValue { $0.isDeleted = true }
    }
}
