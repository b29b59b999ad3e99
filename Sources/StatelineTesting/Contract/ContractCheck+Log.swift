internal import Stateline

extension ContractCheck {
    func checkCreation() async throws {
        var log = ExpectedLog(key())
        try await expectLoad(log.key, .gone(.absent), "before creation")
        try await append(to: &log)
        try await expectLoad(log.key, .tail(log.batches))
        try await expectLoad(log.key, after: log.positions[0], .tail(log.batches))
        try await expectLoad(log.key, after: log.position, .current)
    }

    func checkWrongOrigin() async throws {
        var other = ExpectedLog(key("another key"))
        let origin = other.position
        try await expectAppend(other.append(), to: key(), at: origin, .regressed)
        try await expectLoad(key(), .gone(.absent), "after a creation at another key's origin")
    }

    func checkSecondCreation() async throws {
        var log = try await write(1, to: key())
        var second = ExpectedLog(log.key)
        let origin = second.position
        let first = second.append()
        try await expectAppend(first, to: log.key, at: origin, .regressed, "a creation of another incarnation")
        try await append(to: &log)
        try await expectAppend(first, to: log.key, at: origin, .regressed, "a creation of another incarnation")
        var same = log.diverging(at: 0)
        let other = same.append()
        try await expectAppend(other, to: log.key, at: log.positions[0], .stale(missing: log.batches))
        try await expectLoad(log.key, .tail(log.batches))
    }

    func checkOrder() async throws {
        let log = try await write(100, to: key())
        try await expectLoad(log.key, .tail(log.batches))
    }

    func checkTail() async throws {
        let log = try await write(40, to: key())
        for (revision, position) in log.positions.enumerated().dropLast() {
            try await expectLoad(log.key, after: position, .tail(Array(log.batches[revision...])))
        }
        try await expectLoad(log.key, after: log.position, .current)
    }

    func checkDuplicate() async throws {
        let log = try await write(5, to: key())
        for (revision, batch) in log.batches.enumerated() {
            try await expectAppend(batch, to: log.key, at: log.positions[revision], .duplicate)
        }
        try await expectLoad(log.key, .tail(log.batches), "after duplicates")
    }

    func checkStale() async throws {
        let log = try await write(5, to: key())
        for revision in log.batches.indices {
            var late = log.diverging(at: revision)
            let missing = Array(log.batches[revision...])
            try await expectAppend(late.append(), to: log.key, at: log.positions[revision], .stale(missing: missing))
        }
        try await expectLoad(log.key, .tail(log.batches), "after stale appends")
    }

    func checkDiverged() async throws {
        let log = try await write(5, to: key())
        for revision in log.batches.indices {
            var diverged = log.diverging(at: revision)
            diverged.append()
            let position = diverged.position
            try await expectLoad(log.key, after: position, .regressed)
            try await expectAppend(diverged.append(), to: log.key, at: position, .regressed)
        }
        try await expectLoad(log.key, .tail(log.batches), "after diverged appends")
    }

    func checkBeyond() async throws {
        let log = try await write(2, to: key())
        var ahead = log
        for _ in 0..<3 {
            ahead.append()
            let position = ahead.position
            try await expectLoad(log.key, after: position, .regressed)
            var further = ahead
            try await expectAppend(further.append(), to: log.key, at: position, .regressed)
        }
        let last = log.position
        let far = Position(incarnation: last.incarnation, revision: Revision(rawValue: .max), digest: last.digest)
        try await expectLoad(log.key, after: far, .regressed)
        try await expectLoad(log.key, .tail(log.batches), "after appends beyond the log")
    }

    func checkIncarnation() async throws {
        let log = try await write(2, to: key())
        var other = ExpectedLog(log.key)
        for _ in 0..<3 {
            let position = other.position
            try await expectLoad(log.key, after: position, .regressed)
            try await expectAppend(other.append(), to: log.key, at: position, .regressed)
        }
        var further = log
        further.append()
        for (position, batch) in zip(log.positions, further.batches) {
            let renamed = Position(incarnation: .random(), revision: position.revision, digest: position.digest)
            let why = "the same digest in another incarnation"
            try await expectLoad(log.key, after: renamed, .regressed, why)
            try await expectAppend(batch, to: log.key, at: renamed, .regressed, why)
        }
        try await expectLoad(log.key, .tail(log.batches), "after appends of another incarnation")
    }

    func checkForeignBatch() async throws {
        let log = try await write(2, to: key())
        var other = ExpectedLog(log.key)
        for _ in 0..<3 { other.append() }
        try await expectAppend(other.batches[2], to: log.key, at: log.position, .regressed)
        try await expectLoad(log.key, .tail(log.batches), "after a batch of another incarnation")
        let absent = ExpectedLog(key("absent"))
        var first = ExpectedLog(absent.key)
        try await expectAppend(first.append(), to: absent.key, at: absent.position, .regressed, "a creation")
        try await expectLoad(absent.key, .gone(.absent), "after a batch of another incarnation")
    }

    func checkAbsence() async throws {
        var log = ExpectedLog(key())
        log.append()
        let position = log.position
        let fork = log.fork(as: "fork", at: 1)
        try await expectLoad(log.key, after: position, .gone(.absent))
        try await expectFork(of: log.key, at: position, to: fork.key, fork.batches[1], .gone(.absent))
        try await expectDelete(log.key, .gone(.absent))
        try await expectDelete(log.key, at: position, .gone(.absent))
        try await expectAppend(log.append(), to: log.key, at: position, .gone(.absent))
        try await expectLoad(log.key, .gone(.absent), "after all requests were refused")
        try await expectLoad(fork.key, .gone(.absent), "after all requests were refused")
    }

    func checkDeletion() async throws {
        var log = try await write(3, to: key())
        let fork = log.fork(as: "fork", at: 3)
        let position = log.position
        try await expectDelete(log.key, .deleted)
        try await expectDelete(log.key, .gone(.deleted))
        try await expectPosition(of: log.key, nil)
        try await expectLoad(log.key, .gone(.deleted))
        try await expectLoad(log.key, after: position, .gone(.deleted))
        try await expectAppend(log.append(), to: log.key, at: position, .gone(.deleted))
        try await expectAppend(log.batches[0], to: log.key, at: log.positions[0], .gone(.deleted), "its first batch")
        try await expectFork(of: log.key, at: position, to: fork.key, fork.batches[3], .gone(.deleted))
        var again = ExpectedLog(log.key)
        let origin = again.position
        try await expectAppend(again.append(), to: log.key, at: origin, .gone(.deleted), "a new creation")
        try await expectLoad(log.key, .gone(.deleted), "after all requests were refused")
    }

    func checkConditionalDeletion() async throws {
        let log = try await write(3, to: key())
        var diverged = log.diverging(at: 2)
        diverged.append()
        try await expectDelete(log.key, at: log.positions[2], .stale, "an earlier position")
        try await expectDelete(log.key, at: diverged.position, .stale, "another digest")
        try await expectLoad(log.key, .tail(log.batches), "after stale deletions")
        try await expectPosition(of: log.key, log.position)
        try await expectDelete(log.key, at: log.position, .deleted)
        try await expectLoad(log.key, .gone(.deleted))
    }
}
