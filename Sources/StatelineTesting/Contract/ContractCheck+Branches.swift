internal import Stateline

extension ContractCheck {
    func checkChain() async throws {
        var logs = [try await write(1, to: key())]
        for depth in 1...64 {
            var next = try await fork(logs[depth - 1], as: "fork \(depth)", at: logs[depth - 1].batches.count)
            if depth.isMultiple(of: 8) { try await append(to: &next) }
            logs.append(next)
        }
        for log in [logs[64], logs[33], logs[1]] { try await expectLoad(log.key, .tail(log.batches)) }
        for log in logs[..<64] { try await expectDelete(log.key, .deleted) }
        try await expectLoad(logs[64].key, .tail(logs[64].batches), "after all its ancestors were deleted")
        try await append(to: &logs[64])
        try await expectLoad(logs[64].key, .tail(logs[64].batches))
    }

    func checkBranches() async throws {
        let parent = try await write(2, to: key())
        try await expectBranches(of: parent.key, [parent.key], "of a session without forks")
        let child = try await fork(parent, as: "child", at: 1)
        let grandchild = try await fork(child, as: "grandchild", at: 2)
        let other = try await write(1, to: key("other"))
        let stranger = try await fork(other, as: "child", at: 1)
        let family = [parent.key, child.key, grandchild.key]
        for key in family { try await expectBranches(of: key, family) }
        try await expectBranches(of: stranger.key, [other.key, stranger.key])
        try await expectDelete(parent.key, .deleted)
        for key in family {
            try await expectBranches(of: key, [child.key, grandchild.key], "after the parent's deletion")
        }
        try await expectLoad(child.key, .tail(child.batches))
        try await expectDelete(grandchild.key, .deleted)
        try await expectBranches(of: child.key, [child.key], "after a fork's deletion")
        try await expectDelete(child.key, .deleted)
        try await expectBranches(of: parent.key, [], "after all were deleted")
    }

    private func expectBranches(
        of key: SessionKey,
        _ expected: [SessionKey],
        _ note: String = "of a family"
    ) async throws {
        let branches = try await store.branches(of: key)
        try expect("branches of \(key), \(note)", Set(branches), Set(expected))
        try expect("number of branches of \(key), \(note)", branches.count, expected.count)
    }
}
