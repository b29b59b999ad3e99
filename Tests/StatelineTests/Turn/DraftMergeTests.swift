import Stateline
import StatelineMemory
import Testing

/// A draft is merged once, and what it holds is never taken for what is there already.
@Suite struct DraftMergeTests {
    let store = FlakyStore(MemoryStore())

    /// A handle as another process has it: its boundary shares nothing but the store.
    func handle() async throws -> ModelSession {
        try await Boundary(store: store).session(SessionKey("s"), model: LineModel([]))
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
}
