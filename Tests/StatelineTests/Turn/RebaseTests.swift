import Stateline
import StatelineMemory
import StatelineTesting
import Testing

/// A paid answer is refused only if the view changed under it, not because the log moved.
@Suite struct RebaseTests {
    let store = FlakyStore(MemoryStore())

    /// A handle as another process has it: its boundary shares nothing but the store.
    func handle(_ replies: [LineModel.Reply] = []) async throws -> ModelSession {
        try await Boundary(store: store, clock: store.clock)
            .session(SessionKey("s"), model: LineModel(replies), configuration: .withoutRetries)
    }

    static let refusal = LineModel.Reply(refused: .rateLimited(retryAfter: nil, message: "slow down"))

    /// Lets a call fail, and its record be written.
    func failCall(of session: ModelSession) async throws {
        await #expect(throws: SessionError.self) { try await session.respond(to: "refused") }
    }

    /// A turn with its answer, ready to be committed.
    func answered(_ session: ModelSession) async throws -> Turn {
        var turn = try await session.checkout("hello")
        try turn.append(Answer.text("ok"))
        return turn
    }

    @Test(arguments: [1, 3])
    func `a call that fails elsewhere does not make an answer stale`(count: Int) async throws {
        let session = try await handle()
        let other = try await handle(Array(repeating: Self.refusal, count: count))
        var turn = try await answered(session)
        for _ in 0..<count { try await failCall(of: other) }
        let commit = try await turn.commit()
        #expect(commit.trace.storeRoundTrips == 2)
        #expect(session.transcript.map(\.text) == ["hello", "ok"])
        #expect(try await handle().transcript == session.transcript)
        #expect(try await session.ledger().count == count + 1)
        #expect(session.snapshot.head.totals.crossings == count + 1)
    }

    @Test func `a record that this handle wrote during the turn costs its commit nothing`() async throws {
        let session = try await handle()
        try await drop(session)
        var turn = try await answered(session)
        #expect(await session.flushLedger())
        let commit = try await turn.commit()
        #expect(commit.trace.storeRoundTrips == 1)
        #expect(try await session.ledger().count == 2)
    }

    /// Makes a call and drops its turn: the ledger lacks the call until somebody writes it.
    func drop(_ session: ModelSession) async throws {
        var turn = try await session.checkout("dropped")
        try turn.start()
    }

    @Test func `an answer is still refused if the view changed`() async throws {
        let session = try await handle()
        try await session.respond(to: "first")
        let other = try await handle([Self.refusal])
        let turn = try await answered(session)
        try await failCall(of: other)
        try await other.rewind(to: 1)
        let error = await refusal(of: turn)
        #expect(error == .stale(current: other.snapshot.position))
        #expect(session.transcript.isEmpty)
        #expect(try await session.ledger().count == 3)
    }

    private func refusal(of turn: consuming Turn) async -> CommitFailure.Reason? {
        do throws(SessionError) {
            _ = try await turn.commit()
            return nil
        } catch {
            guard case .notCommitted(let failure) = error else { return nil }
            return failure.reason
        }
    }

    @Test(
        arguments: [
            [FlakyStore.Failure.replyLost], [.lostUnnoticed], [.lostUnnoticed, .replyLost], [.replyLost, .notSent],
        ]
    )
    func `an unknown outcome on the new base is resolved before the caller sees it`(
        failures: [FlakyStore.Failure]
    ) async throws {
        let session = try await handle()
        var turn = try await answered(session)
        try await failCall(of: try await handle([Self.refusal]))
        store.failNext(.passed)
        for failure in failures { store.failNext(failure) }
        #expect(try await turn.commit().revision == 3)
        #expect(try await handle().transcript.map(\.text) == ["hello", "ok"])
        #expect(try await session.ledger().count == 2)
    }

    @Test(arguments: LedgerTests.unknown, [false, true])
    func `an outcome that stays unknown on the new base is repeated to the letter`(
        failures: [FlakyStore.Failure],
        isSettled: Bool
    ) async throws {
        let session = try await handle()
        let turn = try await answered(session)
        try await failCall(of: try await handle([Self.refusal]))
        store.failNext(.passed)
        for failure in failures { store.failNext(failure) }
        let failure = await failure(of: turn)
        let draft = try #require(failure?.draft)
        if isSettled { #expect(await session.flushLedger()) }
        try await session.commit(draft)
        #expect(await session.flushLedger())
        #expect(session.transcript.map(\.text) == ["hello", "ok"])
        #expect(try await handle().transcript == session.transcript)
        #expect(try await session.ledger().count == 2)
    }

    private func failure(of turn: consuming Turn) async -> CommitFailure? {
        do throws(SessionError) {
            _ = try await turn.commit()
            return nil
        } catch {
            guard case .notCommitted(let failure) = error else { return nil }
            return failure
        }
    }

    @Test func `a commit that others outrun for too long gives its draft back`() async throws {
        let clock = ManualClock()
        let crowded = CrowdedStore(store) { clock.advance(by: .seconds(4)) }
        let session = try await Boundary(store: crowded, clock: clock).session(SessionKey("s"), model: LineModel([]))
        let turn = try await answered(session)
        crowded.outrun(3, session.key, session.snapshot.position.incarnation)
        let failure = await failure(of: turn)
        #expect(failure?.draft.answer == "ok")
        #expect(crowded.count == 3)
        #expect(await session.flushLedger())
        let draft = try #require(failure?.draft)
        try await session.commit(draft)
        #expect(session.transcript.map(\.text) == ["hello", "ok"])
        #expect(try await session.ledger().count == 1)
    }

    @Test func `handles that take turns one after the other lose no answer`() async throws {
        let boundary = Boundary(store: store, clock: store.clock)
        let handles = [try await boundary.session("s"), try await boundary.session("s")]
        for round in 0..<20 {
            let response = try await handles[round % 2].respond(to: "\(round)")
            #expect(response.trace.storeRoundTrips == (round == 1 ? 2 : 1))
        }
        #expect(handles[1].transcript.count == 40)
        #expect(try await handles[0].ledger().count == 20)
    }

    @Test func `of handles in two processes only the first conflict costs a call`() async throws {
        let handles = [try await handle(), try await handle()]
        var refused: [Draft] = []
        for round in 0..<20 {
            do throws(SessionError) { try await handles[round % 2].respond(to: "\(round)") } catch {
                guard case .notCommitted(let failure) = error else { throw error }
                refused.append(failure.draft)
            }
        }
        #expect(refused.count == 1)
        #expect(try await handle().transcript.count == 38)
        #expect(try await handles[0].ledger().count == 20)
    }

    @Test func `a handle that has seen nobody else for a while asks no more`() async throws {
        let handles = [try await handle(), try await handle()]
        try await handles[0].respond(to: "first")
        await #expect(throws: SessionError.self) { try await handles[1].respond(to: "late") }
        var roundTrips: [Int] = []
        for round in 0..<20 {
            roundTrips.append(try await handles[1].respond(to: "\(round)").trace.storeRoundTrips)
        }
        #expect(roundTrips.first == 2)
        #expect(roundTrips.last == 1)
    }
}
