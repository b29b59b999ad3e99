@testable import Stateline
import StatelineMemory
import StatelineTesting
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
        #expect(nested.snapshot.lineage.map(\.id) == ["s", "fork", "nested"])
        try await boundary.delete(session.key)
        let again = try await boundary.session(nested.key, model: LineModel([]), opening: .resume)
        #expect(again.transcript == nested.transcript)
        #expect(again.snapshot.lineage == nested.snapshot.lineage)
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
