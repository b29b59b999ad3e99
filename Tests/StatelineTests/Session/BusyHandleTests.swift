import Stateline
import StatelineMemory
import Testing

/// A handle's own bookkeeping never makes its next paid answer stale.
@Suite struct BusyHandleTests {
    let store = HeldStore(MemoryStore())
    var boundary: Boundary { Boundary(store: store) }

    @Test(.timeLimit(.minutes(2)))
    func `a handle is free only once its failed call is recorded`() async throws {
        let model = LineModel([.init(refused: .rateLimited(retryAfter: nil, message: "slow down"))])
        let session = try await boundary.session(SessionKey("s"), model: model, configuration: .withoutRetries)
        store.hold()
        let failing = Task { try await session.respond(to: "refused") }
        await store.waitUntilHanging()
        #expect(session.isResponding)
        await #expect(throws: SessionError.concurrentRequests) { try await session.respond(to: "too early") }
        store.release()
        await #expect(throws: SessionError.self) { try await failing.value }
        #expect(!session.isResponding)
        #expect(try await session.respond(to: "again").trace.storeRoundTrips == 1)
        #expect(try await session.ledger().count == 2)
    }

    @Test(.timeLimit(.minutes(2)))
    func `a handle is free only once the call of a refused answer is recorded`() async throws {
        let session = try await boundary.session("s")
        try await boundary.session("s").respond(to: "first")
        store.hold(after: 1)
        let refused = Task { try await session.respond(to: "late") }
        await store.waitUntilHanging()
        #expect(session.isResponding)
        store.release()
        await #expect(throws: SessionError.self) { try await refused.value }
        #expect(!session.isResponding)
        try await session.respond(to: "again")
        #expect(try await session.ledger().count == 3)
    }

    @Test(.timeLimit(.minutes(2)), arguments: Change.allCases)
    func `a handle begins no turn while it changes the session otherwise`(change: Change) async throws {
        let session = try await boundary.session("s")
        try await session.respond(to: "one")
        let draft = try await session.keptDraft()
        store.hold()
        let changing = Task { try await change.make(to: session, draft) }
        await store.waitUntilHanging()
        #expect(session.isResponding)
        await #expect(throws: SessionError.concurrentRequests) { _ = try await session.checkout("too early") }
        store.release()
        let position = try await changing.value
        #expect(session.snapshot.position == position)
        #expect(!session.isResponding)
        #expect(try await session.respond(to: "again").trace.storeRoundTrips == 1)
    }

    @Test(.timeLimit(.minutes(2)))
    func `a fork is made during a turn, which goes on`() async throws {
        let session = try await boundary.session("s")
        try await session.respond(to: "one")
        var turn = try await session.checkout("two")
        try turn.append(Answer.text("paid"))
        let fork = try await session.fork(as: "fork")
        #expect(fork.transcript.map(\.text) == ["one", "ok"])
        #expect(try await turn.commit().trace.storeRoundTrips == 1)
    }
}

/// What a handle appends to its session, other than turns and records of calls.
enum Change: CaseIterable {
    case rewind
    case commitOfDraft

    @discardableResult
    func make(to session: ModelSession, _ draft: Draft) async throws(SessionError) -> Position {
        switch self {
        case .rewind: try await session.rewind(to: 1)
        case .commitOfDraft: try await session.commit(draft)
        }
    }
}

extension ModelSession {
    /// The draft of a turn that was answered and then given up.
    func keptDraft() async throws -> Draft {
        var turn = try await checkout("given up")
        try turn.append(Answer.text("draft"))
        let draft = await turn.abandon()
        return try #require(draft)
    }
}
