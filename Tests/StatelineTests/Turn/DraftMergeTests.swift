import Stateline
import StatelineMemory
import Testing

/// A draft is merged once, and what it holds is never taken for what is there already.
@Suite struct DraftMergeTests {
    let store = FlakyStore(MemoryStore())

    /// A handle as another process has it: its boundary shares nothing but the store.
    func handle() async throws -> ModelSession {
        try await Boundary(store: store, clock: store.clock).session(SessionKey("s"), model: LineModel([]))
    }

    /// The draft of a turn that began at revision 3; it is revision 5 of the session.
    func mergedDraft(in session: ModelSession) async throws -> Draft {
        try await session.respond(to: "one")
        try await session.respond(to: "two")
        let draft = try await session.keptDraft()
        #expect(draft.base.revision == 3)
        #expect(try await session.commit(draft).revision == 5)
        return draft
    }

    @Test(arguments: 1...5)
    func `a branch of any revision takes a draft once`(revision: Int) async throws {
        let session = try await handle()
        let draft = try await mergedDraft(in: session)
        let branch = try await session.fork(at: Revision(rawValue: UInt64(revision)), as: "branch")
        let position = try await branch.commit(draft)
        #expect(try await branch.commit(draft) == position)
        #expect(branch.transcript.map(\.text).filter { $0 == "draft" }.count == 1)
    }

    /// A turn of two steps, the first of which called a tool.
    func begunTurn(of session: ModelSession) async throws -> Turn {
        var turn = try await session.checkout("q")
        let call = ToolCall(id: "c", name: "t", arguments: "{}")
        try turn.append(Answer(entries: [Entry(.toolCalls([call]))], finishReason: .toolCalls))
        return turn
    }

    func end(_ turn: inout Turn) throws {
        try turn.append([ToolOutput(callID: "c", name: "t", text: "out")])
        try turn.append(Answer.text("final"))
    }

    /// What the turn has received.
    func kept(_ turn: borrowing Turn) throws -> Draft {
        let draft = turn.draft
        return try #require(draft)
    }

    private func failure(of turn: consuming Turn) async throws -> Draft {
        do throws(SessionError) { _ = try await turn.commit() } catch {
            if case .notCommitted(let failure) = error { return failure.draft }
        }
        throw TestError()
    }

    static let part = ["prompt:q\n", "call:c t {}\n", "output:c The call was interrupted before it gave an output.\n"]
    static let whole = ["prompt:q\n", "call:c t {}\n", "output:c out\n", "response:final\n"]

    func lines(_ session: ModelSession) -> [String] {
        session.transcript.map(LineDialect.line)
    }

    @Test func `the part of a turn that was committed does not stand for the whole`() async throws {
        let session = try await handle()
        let other = try await handle()
        var turn = try await begunTurn(of: session)
        let part = try kept(turn)
        let position = try await other.commit(part)
        try end(&turn)
        let whole = try await failure(of: turn)
        let merged = try await session.commit(whole)
        #expect(lines(session) == Self.part + Self.whole)
        #expect(try await session.commit(whole) == merged)
        #expect(try await session.commit(part) == position)
        #expect(lines(session) == Self.part + Self.whole)
        #expect(try await session.ledger().count == 2)
    }

    @Test func `of two parts of a turn the later one is kept, whichever is committed first`() async throws {
        let session = try await handle()
        var turn = try await begunTurn(of: session)
        let first = try kept(turn)
        try turn.append([ToolOutput(callID: "c", name: "t", text: "out")])
        let second = try kept(turn)
        await turn.abandon()
        try await session.commit(first)
        let position = try await session.commit(second)
        #expect(lines(session) == Self.part + Self.whole[..<3])
        let fork = try await session.fork(at: first.base.revision, as: "fork")
        try await fork.commit(second)
        #expect(try await fork.commit(first) == fork.snapshot.position)
        #expect(lines(fork) == Array(Self.whole[..<3]))
        #expect(try await session.commit(second) == position)
    }

    @Test(arguments: [false, true])
    func `a turn that was committed has all its parts`(isDraft: Bool) async throws {
        let session = try await handle()
        var turn = try await begunTurn(of: session)
        let part = try kept(turn)
        try end(&turn)
        let complete = try kept(turn)
        if isDraft {
            try await handle().respond(to: "other")
            try await session.commit(try await failure(of: turn))
        } else {
            _ = try await turn.commit()
        }
        let (position, before) = (session.snapshot.position, lines(session))
        #expect(try await session.commit(part) == position)
        #expect(try await session.commit(complete) == position)
        #expect(lines(session) == before)
        #expect(before.suffix(4) == Self.whole[...])
    }

    @Test(arguments: LedgerTests.unknown, [false, true])
    func `a part without its calls does not stand for the record of them`(
        failures: [FlakyStore.Failure],
        isWhole: Bool
    ) async throws {
        let session = try await handle()
        let other = try await handle()
        var turn = try await begunTurn(of: session)
        if !isWhole { try await other.commit(kept(turn)) }
        try end(&turn)
        let complete = try kept(turn)
        for failure in failures { store.failNext(failure) }
        let draft = try await failure(of: turn)
        if isWhole { try await session.commit(complete) }
        #expect(await session.flushLedger())
        #expect(try await session.ledger().count == 2)
        try await session.commit(draft)
        #expect(await session.flushLedger())
        #expect(try await session.ledger().count == 2)
        #expect(lines(session) == (isWhole ? [] : Self.part) + Self.whole)
    }
}
