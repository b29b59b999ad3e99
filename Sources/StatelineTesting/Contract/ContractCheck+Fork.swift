internal import Stateline

extension ContractCheck {
    func checkFork() async throws {
        var parent = try await write(3, to: key())
        var fork = try await fork(parent, as: "fork", at: 3)
        try await expectLoad(fork.key, .tail(fork.batches))
        try await expectLoad(
            fork.key,
            after: parent.position,
            .tail([fork.batches[3]]),
            "for a reader at the parent's position"
        )
        try await append(to: &parent)
        try await append(to: &fork)
        try await append(to: &fork)
        try await expectLoad(parent.key, .tail(parent.batches))
        try await expectLoad(fork.key, .tail(fork.batches))
        try await expectLoad(fork.key, after: fork.position, .current)
        try await expectLoad(fork.key, after: parent.position, .regressed, "the parent's batch after the fork")
        try await expectLoad(parent.key, after: fork.position, .regressed, "the fork's batch")
    }

    func checkForkOfEarlier() async throws {
        let parent = try await write(70, to: key())
        for revision in [1, 2, 31, 32, 33, 64, 69] {
            var fork = try await fork(parent, as: "fork at \(revision)", at: revision)
            try await append(to: &fork)
            try await expectLoad(fork.key, .tail(fork.batches))
        }
        try await expectLoad(parent.key, .tail(parent.batches), "after forks")
    }

    func checkForkOfFork() async throws {
        let parent = try await write(2, to: key())
        var child = try await fork(parent, as: "child", at: 1)
        try await append(to: &child)
        var grandchild = try await fork(child, as: "grandchild", at: 3)
        try await append(to: &grandchild)
        let early = try await fork(grandchild, as: "early", at: 1)
        for log in [parent, child, grandchild, early] { try await expectLoad(log.key, .tail(log.batches)) }
    }

    func checkForkAgain() async throws {
        let parent = try await write(2, to: key())
        var fork = try await fork(parent, as: "fork", at: 2)
        let first = fork.batches[2]
        try await expectFork(of: parent.key, at: parent.position, to: fork.key, first, .duplicate)
        try await append(to: &fork)
        try await expectFork(of: parent.key, at: parent.position, to: fork.key, first, .duplicate, "after it grew")
        try await expectLoad(fork.key, .tail(fork.batches))
        try await expectDelete(parent.key, .deleted)
        try await expectFork(
            of: parent.key,
            at: parent.position,
            to: fork.key,
            first,
            .duplicate,
            "after the parent was deleted"
        )
    }

    func checkForkTaken() async throws {
        let parent = try await write(2, to: key())
        let taken = try await fork(parent, as: "taken", at: 2)
        let second = parent.fork(as: "taken", at: 2)
        try await expectFork(of: parent.key, at: parent.position, to: taken.key, second.batches[2], .taken)
        try await expectLoad(taken.key, .tail(taken.batches))
        try await expectDelete(taken.key, .deleted)
        try await expectFork(
            of: parent.key,
            at: parent.position,
            to: taken.key,
            second.batches[2],
            .taken,
            "a key that was deleted"
        )
        try await expectLoad(taken.key, .gone(.deleted))
    }

    func checkForkRegressed() async throws {
        let parent = try await write(2, to: key())
        var diverged = parent.diverging(at: 1)
        diverged.append()
        var ahead = parent
        ahead.append()
        for (log, revision) in [(diverged, 2), (ahead, 3)] {
            let fork = log.fork(as: "fork", at: revision)
            let first = fork.batches[revision]
            try await expectFork(of: parent.key, at: log.position, to: fork.key, first, .regressed)
            try await expectLoad(fork.key, .gone(.absent), "after a fork that was refused")
        }
    }

    func checkForkOutlives() async throws {
        let parent = try await write(3, to: key())
        var heir = try await fork(parent, as: "heir", at: 2)
        let brief = try await fork(parent, as: "brief", at: 3)
        try await expectDelete(brief.key, .deleted)
        try await expectLoad(brief.key, .gone(.deleted))
        try await expectLoad(parent.key, .tail(parent.batches), "after a fork was deleted")
        try await expectDelete(parent.key, .deleted)
        try await expectLoad(parent.key, .gone(.deleted))
        try await append(to: &heir)
        try await expectLoad(heir.key, .tail(heir.batches), "after the parent was deleted")
        let late = try await fork(heir, as: "late", at: 1)
        try await expectLoad(late.key, .tail(late.batches), "a fork at a deleted parent's batch")
    }
}
