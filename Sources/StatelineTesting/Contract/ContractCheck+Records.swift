internal import Stateline

// A batch that only records calls is committed between a load and an append.
extension ContractCheck {
    func checkRecordsBetween() async throws {
        for count in [1, 3] {
            var log = try await write(2, to: key("session \(count)"))
            var answer = Batch(.turn, turn: .random(), created: .now())
            answer.entries = [.prompt("prompt"), .response("paid")]
            let base = log.position
            var late = log
            let refused = late.append(answer)
            for _ in 0..<count {
                let position = log.position
                let record = log.append(Batch(.crossings, turn: .random(), created: .now()))
                try await expectAppend(record, to: log.key, at: position, .committed, "a record of calls")
            }
            let records = Array(log.batches[2...])
            try await expectAppend(refused, to: log.key, at: base, .stale(missing: records), "before the records")
            let position = log.position
            let again = log.append(answer)
            try await expectAppend(again, to: log.key, at: position, .committed, "the same turn on the new base")
            try await expectAppend(again, to: log.key, at: position, .duplicate, "the same turn on the new base")
            let missing = Array(log.batches[2...])
            try await expectAppend(refused, to: log.key, at: base, .stale(missing: missing), "the turn's first batch")
            try await expectLoad(log.key, .tail(log.batches), "after the turn")
        }
        try await expectPaidAnswer()
    }

    /// Commits a turn after another process recorded a failed call during it.
    private func expectPaidAnswer() async throws {
        // A store that is validated at each turn takes one more round trip in both cases.
        let plain = try await handle(on: self.key("plain turns")).respond(to: "prompt").trace.storeRoundTrips
        let key = key("turns")
        let session = try await handle(on: key)
        let other = try await handle(on: key, failing: true)
        var turn = try await session.checkout("prompt")
        try turn.append(Answer.text("paid"))
        _ = try? await other.respond(to: "refused")
        let roundTrips: Int
        do throws(SessionError) { roundTrips = try await turn.commit().trace.storeRoundTrips } catch {
            throw violation("commit after a record of calls", expected: "committed", actual: "\(error)")
        }
        try expect("round trips of the commit after a record of calls", roundTrips, plain + 1)
        let reader = try await handle(on: key)
        try expect("transcript after the turn", reader.transcript.map(\.text), ["prompt", "paid"])
        try expect("calls in the ledger", try await reader.ledger().count, 2)
    }

    /// Opens a handle with a boundary of its own, as another process would.
    private func handle(on key: SessionKey, failing: Bool = false) async throws -> ModelSession {
        let model = FunctionModel { _ in
            if failing { throw ModelError.rateLimited(retryAfter: nil, message: "slow down") }
            return .text("paid")
        }
        let configuration = SessionConfiguration(retries: .none)
        return try await Boundary(store: store, keys: SessionStoreContract.keys)
            .session(key, model: model, configuration: configuration)
    }
}
