import Stateline
import StatelineMemory
import Testing

@Suite struct ConflictTests {
    let store = FlakyStore(MemoryStore())
    var boundary: Boundary { Boundary(store: store, clock: store.clock) }

    /// Two handles on one session, of which the second one has seen nothing of the first one's turn.
    func staleHandle() async throws -> (fresh: ModelSession, stale: ModelSession) {
        let fresh = try await boundary.session("s", instructions: "Be brief.")
        let stale = try await boundary.session("s")
        try await fresh.respond(to: "first")
        return (fresh, stale)
    }

    func failure(_ body: () async throws -> Void) async throws -> CommitFailure {
        let error = try await #require(throws: SessionError.self) { try await body() }
        guard case .notCommitted(let failure) = error else {
            Issue.record("not a failed commit: \(error)")
            throw error
        }
        return failure
    }

    @Test func `a stale commit gives its draft back and the ledger shows its call`() async throws {
        let (fresh, stale) = try await staleHandle()
        let failure = try await failure { try await stale.respond(to: "second") }
        #expect(failure.reason == .stale(current: fresh.snapshot.position))
        #expect(failure.draft.entries.map(\.text) == ["second", "ok"])
        #expect(failure.draft.crossings.isEmpty)
        #expect(stale.transcript == fresh.transcript)
        #expect(try await stale.ledger().count == 2)
        #expect(!stale.isResponding)
    }

    @Test func `a draft can be merged`() async throws {
        let (_, stale) = try await staleHandle()
        let failure = try await failure { try await stale.respond(to: "second") }
        try await stale.commit(failure.draft)
        #expect(stale.transcript.map(\.text) == ["Be brief.", "first", "ok", "second", "ok"])
        #expect(try await boundary.session("s").transcript == stale.transcript)
        #expect(try await stale.ledger().count == 2)
    }

    @Test func `a draft can become a branch`() async throws {
        let (fresh, stale) = try await staleHandle()
        let failure = try await failure { try await stale.respond(to: "second") }
        let branch = try await stale.fork(at: failure.draft.base.revision, as: "branch")
        try await branch.commit(failure.draft)
        #expect(branch.transcript.map(\.text) == ["Be brief.", "second", "ok"])
        #expect(fresh.transcript.map(\.text) == ["Be brief.", "first", "ok"])
        #expect(try await boundary.session(branch.key, model: LineModel([])).transcript == branch.transcript)
    }

    @Test(
        arguments: [
            [FlakyStore.Failure.replyLost], [.lostUnnoticed], [.lostUnnoticed, .replyLost],
            [.replyLost, .notSent], [.lostUnnoticed, .notSent],
        ]
    )
    func `an unknown outcome is resolved before the caller sees it`(failures: [FlakyStore.Failure]) async throws {
        let session = try await boundary.session("s")
        for failure in failures { store.failNext(failure) }
        let response = try await session.respond(to: "hello")
        #expect(response.revision == 2)
        #expect(response.trace.storeRoundTrips == failures.count + 1)
        #expect(try await boundary.session("s").transcript.map(\.text) == ["hello", "ok"])
        #expect(try await session.ledger().count == 1)
    }

    @Test func `a failed store gives the draft back, and its call is recorded before the next turn`() async throws {
        let session = try await boundary.session("s")
        store.failNext(.notSent)
        let failure = try await failure { try await session.respond(to: "hello") }
        #expect(failure.draft.answer == "ok")
        #expect(session.transcript.isEmpty)
        #expect(try await session.ledger().isEmpty)
        try await session.respond(to: "again")
        #expect(try await session.ledger().count == 2)
        #expect(try await boundary.session("s").transcript.map(\.text) == ["again", "ok"])
    }

    @Test(
        arguments: [
            [FlakyStore.Failure.replyLost, .lostUnnoticed, .lostUnnoticed],
            [.replyLost, .notSent, .notSent], [.lostUnnoticed, .notSent, .notSent],
            [.replyLost, .lostUnnoticed, .notSent], [.replyLost, .notSent, .lostUnnoticed],
        ]
    )
    func `a commit that stays unknown is repeated to the letter, not doubled`(
        failures: [FlakyStore.Failure]
    ) async throws {
        let session = try await boundary.session("s")
        for failure in failures { store.failNext(failure) }
        let failure = try await failure { try await session.respond(to: "hello") }
        guard case .store(let error) = failure.reason else { throw TestError() }
        #expect(error.committed == .unknown)
        try await session.commit(failure.draft)
        #expect(session.transcript.map(\.text) == ["hello", "ok"])
        #expect(try await session.ledger().count == 1)
    }

    @Test func `a session deleted during a turn is not created anew`() async throws {
        let session = try await boundary.session("s")
        var turn = try await session.checkout("hello")
        try turn.append(Answer.text("ok"))
        try await boundary.delete(SessionKey("s"))
        do throws(SessionError) {
            _ = try await turn.commit()
            Issue.record("committed to a deleted session")
        } catch {
            guard case .notCommitted(let failure) = error else { throw error }
            #expect(failure.reason == .gone(.deleted))
            #expect(failure.draft.answer == "ok")
        }
        await #expect(throws: SessionError.gone(SessionKey("s"), .deleted)) { try await session.refresh() }
    }

    @Test func `of racing handles each turn is committed exactly once or given back`() async throws {
        let boundary = Boundary(store: MemoryStore())
        _ = try await boundary.session("s")
        let outcomes = await withTaskGroup(of: [String].self) { group in
            for worker in 0..<8 {
                group.addTask {
                    var mine: [String] = []
                    guard let session = try? await boundary.session("s") else { return [] }
                    for round in 0..<20 {
                        let name = "\(worker)-\(round)"
                        do throws(SessionError) {
                            try await session.respond(to: name)
                            mine.append(name)
                        } catch {
                            guard case .notCommitted(let failure) = error else { continue }
                            guard (try? await session.commit(failure.draft)) != nil else { continue }
                            mine.append(name)
                        }
                    }
                    return mine
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        let session = try await boundary.session("s")
        let prompts = session.transcript.filter { if case .prompt = $0.content { true } else { false } }.map(\.text)
        #expect(outcomes.count == 160)
        #expect(prompts.sorted() == outcomes.sorted())
        for worker in 0..<8 {
            let mine = prompts.filter { $0.hasPrefix("\(worker)-") }
            #expect(mine == (0..<20).map { "\(worker)-\($0)" })
        }
        #expect(try await session.ledger().count == 160)
    }
}
