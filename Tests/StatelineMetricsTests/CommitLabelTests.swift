import Stateline
import StatelineMemory
import StatelineTesting
import Testing

@testable import StatelineMetrics

/// Results of commits that are more than one request, or less than certain.
@Suite struct CommitLabelTests {
    private let key = SessionKey("s")

    private func results(_ counted: Counted) -> [String: Double] {
        counted.values.filter { $0.key.hasPrefix("stateline_commit_total") && $0.value > 0 }
    }

    @Test func `a commit that moved over another handle's record had no unknown outcome`() async throws {
        let memory = MemoryStore()
        let counted = Counted(memory)
        let refused = ScriptedModel([.failing(.rateLimited(retryAfter: nil, message: "no"))])
        let other = try await Boundary(store: memory)
            .session(key, model: refused, configuration: SessionConfiguration(retries: .none))
        let session = try await counted.boundary.session(key, model: counted.model([]))
        var turn = try await session.checkout("hello")
        try turn.append(Answer.text("ok"))
        await #expect(throws: SessionError.self) { try await other.respond(to: "refused") }
        #expect(try await turn.commit().trace.storeRoundTrips == 3)
        #expect(results(counted) == [#"stateline_commit_total{result="committed"}"#: 1])
    }

    @Test func `a batch that the store is certain to have is not counted as one that it lacks`() async throws {
        let counted = Counted(CertainStore(base: MemoryStore()))
        let session = try await counted.boundary.session(key, model: counted.model([.text("ok")]))
        await #expect(throws: SessionError.self) { try await session.respond(to: "hello") }
        #expect(results(counted) == [#"stateline_commit_total{result="committed"}"#: 1])
    }
}

/// A store that commits turns, fails then, and says so.
private struct CertainStore: ForwardingStore {
    let base: any SessionStore

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        let result = try await base.append(batch, to: key, expecting: position)
        guard position.revision > 0 else { return result }
        throw StoreError(.unavailable, committed: .yes, message: "the reply could not be read")
    }
}
