@testable import Stateline
import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

@Suite struct ViewTests {
    let boundary = Boundary(store: MemoryStore())

    func session(turns: Int) async throws -> ModelSession {
        let session = try await boundary.session("s", instructions: "Be brief.")
        for turn in 0..<turns { try await session.respond(to: "p\(turn)") }
        return session
    }

    @Test func `a rewind restores the view and deletes nothing`() async throws {
        let session = try await session(turns: 4)
        let before = session.transcript
        let whole = session.snapshot.position.revision
        try await session.rewind(to: 3)
        #expect(session.transcript.map(\.text) == ["Be brief.", "p0", "ok", "p1", "ok"])
        try await session.respond(to: "other")
        #expect(session.transcript.map(\.text) == ["Be brief.", "p0", "ok", "p1", "ok", "other", "ok"])
        #expect(session.snapshot.head.totals.entries == 11)
        try await session.rewind(to: whole)
        #expect(session.transcript == before)
        #expect(try await boundary.session("s").transcript == before)
    }

    @Test func `rewinding to a revision that is not there is refused`() async throws {
        let session = try await session(turns: 1)
        for revision in [0, 99] as [Revision] {
            await #expect(throws: SessionError.unknownRevision(SessionKey("s"), revision)) {
                try await session.rewind(to: revision)
            }
        }
    }

    @Test(arguments: [false, true])
    func `a rewind knows the revisions that other handles made`(isOtherProcess: Bool) async throws {
        let memory = MemoryStore()
        let boundary = Boundary(store: memory)
        let session = try await boundary.session("s")
        let other = try await (isOtherProcess ? Boundary(store: memory) : boundary).session("s")
        for prompt in ["one", "two", "three"] { try await other.respond(to: prompt) }
        try await session.rewind(to: 3)
        #expect(session.transcript.map(\.text) == ["one", "ok", "two", "ok"])
    }

    @Test func `a fork whose reply was lost is found when it is asked for again`() async throws {
        let store = LossyForkStore(MemoryStore())
        let session = try await Boundary(store: store).session("s")
        try await session.respond(to: "one")
        await #expect(throws: SessionError.self) { try await session.fork(as: "branch") }
        store.losesReplies.withLock { $0 = false }
        let fork = try await session.fork(as: "branch")
        try await fork.respond(to: "two")
        #expect(fork.transcript.map(\.text) == ["one", "ok", "two", "ok"])
        // The fork is there: another one of its name is not made.
        try await session.respond(to: "three")
        await #expect(throws: SessionError.alreadyExists(fork.key)) { try await session.fork(as: "branch") }
    }

    @Test func `a fork shares what was and nothing after`() async throws {
        let session = try await session(turns: 3)
        let fork = try await session.fork(at: 3, as: "fork")
        #expect(fork.transcript.map(\.text) == ["Be brief.", "p0", "ok", "p1", "ok"])
        try await fork.respond(to: "mine")
        try await session.respond(to: "yours")
        #expect(fork.transcript.last { if case .prompt = $0.content { true } else { false } }?.text == "mine")
        #expect(!session.transcript.contains { $0.text == "mine" })
        #expect(!fork.transcript.contains { $0.text == "yours" })
        #expect(fork.snapshot.position.incarnation != session.snapshot.position.incarnation)
        let nested = try await fork.fork(as: "nested")
        try await boundary.delete(session.key)
        let again = try await boundary.session(nested.key, model: LineModel([]), opening: .resume)
        #expect(again.transcript == nested.transcript)
        var cost = StoreCost()
        let log = try await boundary.log.batches(of: nested.key, after: nil, cost: &cost)
        #expect(try log.compactMap { try $0.decoded().batch.parent?.id } == ["s", "fork"])
    }

    @Test func `a fork's key is its own`() async throws {
        let session = try await session(turns: 1)
        let fork = try await session.fork(as: "fork")
        await #expect(throws: SessionError.alreadyExists(fork.key)) { try await session.fork(as: "fork") }
        await #expect(throws: SessionError.unknownRevision(session.key, 9)) { try await session.fork(at: 9, as: "x") }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `random turns, rewinds and refreshes fold to the same session everywhere`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let writer = try await boundary.session("s", instructions: "Be brief.")
        let reader = try await boundary.session("s")
        var views: [Revision: [String]] = [1: ["Be brief."]]
        for step in 0..<60 {
            if Int.random(in: 0..<3, using: &random) == 0 {
                let target = Revision(
                    rawValue: .random(in: 1...writer.snapshot.position.revision.rawValue, using: &random)
                )
                try await writer.rewind(to: target)
                views[writer.snapshot.position.revision] = views[target]
            } else {
                let before = views[writer.snapshot.position.revision] ?? []
                try await writer.respond(to: "p\(step)")
                views[writer.snapshot.position.revision] = before + ["p\(step)", "ok"]
            }
            #expect(writer.transcript.map(\.text) == views[writer.snapshot.position.revision], "seed \(seed)")
            if Bool.random(using: &random) {
                try await reader.refresh()
                #expect(reader.transcript == writer.transcript, "seed \(seed)")
            }
        }
        let cold = try await boundary.session("s", opening: .resume)
        #expect(cold.transcript == writer.transcript)
        #expect(cold.snapshot.head == writer.snapshot.head)
        #expect(cold.snapshot.view == writer.snapshot.view)
        #expect(cold.snapshot.rendering.bytes == writer.snapshot.rendering.bytes)
    }
}

/// A store that makes forks and loses the replies.
private final class LossyForkStore: ForwardingStore {
    let base: any SessionStore
    let losesReplies = Mutex(true)

    init(_ base: any SessionStore) {
        self.base = base
    }

    func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult {
        let result = try await base.fork(key, at: position, to: fork, first: first)
        // Not transient, so that the request is not repeated.
        if losesReplies.withLock({ $0 }) { throw StoreError(.corrupt, committed: .unknown, message: "lost") }
        return result
    }
}
