import Stateline
import StatelineMemory
import StatelineTesting
import Testing

/// Each call is in the ledger once, whatever became of the batch that was to hold it.
@Suite struct LedgerTests {
    let store = FlakyStore(MemoryStore())
    var boundary: Boundary { Boundary(store: store, clock: store.clock) }

    /// What may become of a batch that is sent three times without a reply: it got in, or it did not.
    static let unknown: [[FlakyStore.Failure]] = [
        [.replyLost, .lostUnnoticed, .lostUnnoticed], [.lostUnnoticed, .replyLost, .lostUnnoticed],
        [.lostUnnoticed, .lostUnnoticed, .lostUnnoticed], [.lostUnnoticed, .notSent, .notSent],
    ]

    func fail(_ failures: [FlakyStore.Failure]) {
        for failure in failures { store.failNext(failure) }
    }

    /// Lets a turn's commit fail, and gives its draft.
    @discardableResult
    func draft(of session: ModelSession, _ prompt: String, _ failures: [FlakyStore.Failure]) async throws -> Draft {
        fail(failures)
        do throws(SessionError) {
            try await session.respond(to: prompt)
        } catch {
            if case .notCommitted(let failure) = error { return failure.draft }
        }
        throw TestError()
    }

    /// Makes a call and drops its turn: the ledger lacks the call until the next batch.
    func drop(_ session: ModelSession) async throws {
        var turn = try await session.checkout("owed")
        try turn.start()
    }

    @Test(arguments: unknown)
    func `calls that are settled with an unknown outcome are settled once`(
        failures: [FlakyStore.Failure]
    ) async throws {
        let session = try await boundary.session("s")
        try await draft(of: session, "lost", [.notSent])
        fail(failures)
        #expect(await !session.flushLedger())
        #expect(await session.flushLedger())
        #expect(try await session.ledger().count == 1)
        #expect(await session.flushLedger())
        #expect(try await session.ledger().count == 1)
    }

    @Test(arguments: unknown)
    func `calls that were settled with an unknown outcome are not with the next turn again`(
        failures: [FlakyStore.Failure]
    ) async throws {
        let session = try await boundary.session("s")
        try await draft(of: session, "lost", [.notSent])
        fail(failures)
        #expect(await !session.flushLedger())
        try await session.respond(to: "next")
        #expect(try await session.ledger().count == 2)
        #expect(session.transcript.map(\.text) == ["next", "ok"])
    }

    @Test(arguments: unknown)
    func `the calls of a turn with an unknown outcome are settled where its draft is dropped`(
        failures: [FlakyStore.Failure]
    ) async throws {
        let session = try await boundary.session("s")
        try await drop(session)
        try await draft(of: session, "doubtful", failures)
        #expect(await session.flushLedger())
        #expect(try await session.ledger().count == 2)
        let isCommitted = failures.contains(.replyLost)
        #expect(session.transcript.map(\.text) == (isCommitted ? ["doubtful", "ok"] : []))
    }

    @Test(arguments: unknown)
    func `a turn begins after what became of the one before it`(failures: [FlakyStore.Failure]) async throws {
        let session = try await boundary.session("s")
        try await draft(of: session, "doubtful", failures)
        let response = try await session.respond(to: "next")
        #expect(response.trace.storeRoundTrips == 2)
        let isCommitted = failures.contains(.replyLost)
        #expect(session.transcript.map(\.text) == (isCommitted ? ["doubtful", "ok"] : []) + ["next", "ok"])
        #expect(try await session.ledger().count == 2)
    }

    @Test(arguments: unknown, [false, true])
    func `a draft with an unknown outcome is merged with the calls that its batch held`(
        failures: [FlakyStore.Failure],
        isSettled: Bool
    ) async throws {
        let session = try await boundary.session("s")
        let other = try await boundary.session("s")
        try await drop(session)
        let draft = try await draft(of: session, "doubtful", failures)
        try await other.refresh()
        try await other.respond(to: "other")
        if isSettled { #expect(await session.flushLedger()) }
        try await session.commit(draft)
        #expect(await session.flushLedger())
        #expect(try await session.ledger().count == 3)
        #expect(session.transcript.map(\.text).sorted() == ["doubtful", "ok", "ok", "other"])
    }

    @Test(arguments: unknown)
    func `a draft that another handle merges is not recorded again by its own`(
        failures: [FlakyStore.Failure]
    ) async throws {
        let session = try await boundary.session("s")
        let draft = try await draft(of: session, "doubtful", failures)
        let other = try await boundary.session("s")
        try await other.respond(to: "other")
        try await other.commit(draft)
        #expect(await session.flushLedger())
        #expect(try await session.ledger().count == 2)
        #expect(session.transcript.map(\.text).sorted() == ["doubtful", "ok", "ok", "other"])
    }

    @Test(arguments: unknown)
    func `a merge with an unknown outcome is repeated, not doubled`(failures: [FlakyStore.Failure]) async throws {
        let session = try await boundary.session("s")
        let other = try await boundary.session("s")
        try await other.respond(to: "other")
        let draft = try await draft(of: session, "late", [])
        fail(failures)
        await #expect(throws: SessionError.self) { try await session.commit(draft) }
        let position = try await session.commit(draft)
        #expect(session.snapshot.position == position)
        #expect(try await session.commit(draft) == position)
        #expect(session.transcript.map(\.text) == ["other", "ok", "late", "ok"])
        #expect(try await session.ledger().count == 2)
    }

    @Test func `of random turns, merges and failures each call is in the ledger once`() async throws {
        var (generator, seed) = SeededGenerator.printed(for: "ledgers of flaky stores")
        for round in 0..<20 {
            let store = FlakyStore(MemoryStore())
            let boundary = Boundary(store: store, clock: store.clock)
            let recorder = Recorder()
            var handles: [ModelSession] = []
            for _ in 0..<3 {
                handles.append(try await boundary.session(SessionKey("s"), model: LineModel([], recorder: recorder)))
            }
            var drafts: [Draft] = []
            for step in 0..<20 {
                store.failNoMore()
                for _ in 0..<Int.random(in: 0..<6, using: &generator) {
                    let failures: [FlakyStore.Failure] = [.notSent, .replyLost, .lostUnnoticed, .lostUnnoticed]
                    store.failNext(failures.randomElement(using: &generator) ?? .notSent)
                }
                let session = handles[Int.random(in: 0..<3, using: &generator)]
                switch Int.random(in: 0..<5, using: &generator) {
                case 0, 1:
                    do throws(SessionError) { try await session.respond(to: "\(step)") } catch {
                        if case .notCommitted(let failure) = error { drafts.append(failure.draft) }
                    }
                case 2:
                    if let draft = drafts.randomElement(using: &generator) { _ = try? await session.commit(draft) }
                case 3: _ = try? await session.refresh()
                default: await session.flushLedger()
                }
            }
            store.failNoMore()
            for session in handles { #expect(await session.flushLedger(), "seed \(seed), round \(round)") }
            let session = try await boundary.session("s")
            #expect(try await session.ledger().count == recorder.bodies.count, "seed \(seed), round \(round)")
            let prompts = session.transcript.map(\.text).filter { $0 != "ok" }
            #expect(Set(prompts).count == prompts.count, "seed \(seed), round \(round)")
        }
    }
}
