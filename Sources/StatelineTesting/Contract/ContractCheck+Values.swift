internal import Stateline

extension SessionValueKey<Int> {
    fileprivate static var count: Self { Self("count") }
}

extension ContractCheck {
    /// Sets values while a turn of another process is under way.
    func checkValuesBetween() async throws {
        let key = key()
        let session = try await valueHandle(on: key)
        let other = try await valueHandle(on: key)
        var turn = try await session.checkout("prompt")
        try turn.append(Answer.text("paid"))
        try await other.set(SessionValueKey<String>("name"), to: "other")
        try await other.set(.count, to: 1)
        do throws(SessionError) { _ = try await turn.commit() } catch {
            throw violation("commit after batches of values", expected: "committed", actual: "\(error)")
        }
        let reader = try await valueHandle(on: key)
        try expect("transcript after the turn", reader.transcript.map(\.text), ["prompt", "paid"])
        try expect("values after the turn", reader.state.names, ["count", "name"])
    }

    /// Sets, rewinds and forks values, and reads them as another process would.
    func checkValues() async throws {
        let key = key()
        let session = try await valueHandle(on: key)
        let first = try await session.set(.count, to: 1).revision
        _ = try await session.respond(to: "prompt")
        try await session.set(.count, to: 2)
        try await session.set(SessionValueKey<String>("text"), to: String(repeating: "text ", count: 1000))
        try expect("values of another reader", try await valueHandle(on: key).state, session.state)
        let fork = try await session.fork(as: "fork")
        let early = try await session.fork(at: first, as: "early")
        try await session.rewind(to: first)
        try await fork.set(.count, to: 3)
        try expect("the value after the rewind", try session.state[.count], 1)
        try expect("names after the rewind", session.state.names, ["count"])
        for handle in [session, fork, early] {
            try expect("values of \(handle.key)", try await valueHandle(on: handle.key).state, handle.state)
        }
        try expect("the fork's value", try fork.state[.count], 3)
        try expect("the earlier fork's value", try early.state[.count], 1)
    }

    /// Opens a handle with a boundary of its own, as another process would.
    private func valueHandle(on key: SessionKey) async throws -> ModelSession {
        try await Boundary(store: store).session(key, model: FunctionModel { _ in .text("answer") })
    }
}
