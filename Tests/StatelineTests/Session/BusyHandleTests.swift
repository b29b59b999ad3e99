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
        let session = try await boundary.session(SessionKey("s"), model: model)
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
}
