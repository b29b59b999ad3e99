import Foundation
import StatelineMemory
import Testing

@testable import Stateline

/// The commit of a draft, on a store that does not answer everything.
@Suite struct DraftOutcomeTests {
    private static let key = SessionKey("s")
    private static let down = StoreError(.unavailable, committed: .no, message: "down")
    private static let lost = StoreError(.unavailable, committed: .unknown, message: "the reply was lost")

    private let memory = MemoryStore()
    private let store: StrayStore
    private let session: ModelSession

    init() async throws {
        store = StrayStore(memory, timeLimit: .zero)
        session = try await Boundary(store: store)
            .session(
                Self.key,
                model: LineModel([]),
                configuration: SessionConfiguration(commitTimeout: .milliseconds(50))
            )
    }

    /// Returns the draft of a turn whose outcome is unknown, and that is not in the log.
    private func lostDraft() async throws -> Draft {
        store.appends([], rest: .fail(Self.lost))
        defer { store.appends([], rest: .pass) }
        let error = await #expect(throws: SessionError.self) { try await session.respond(to: "hello") }
        return try #require(error?.draft)
    }

    private func checkCommitted() async throws {
        store.release()
        try await session.respond(to: "next")
        let other = try await Boundary(store: memory).session("s")
        #expect(other.transcript.map(\.text) == ["hello", "ok", "next", "ok"])
    }

    @Test func `a draft is committed although the store answers no reader`() async throws {
        let draft = try await lostDraft()
        store.loads([], rest: .fail(Self.down))
        #expect(try await session.commit(draft) == session.snapshot.position)
        try await checkCommitted()
    }

    @Test func `a draft that was read is found although the store answers no reader after that`() async throws {
        let draft = try await lostDraft()
        try await session.commit(draft)
        let read = try JSONDecoder().decode(Draft.self, from: JSONEncoder().encode(draft))
        store.loads([.pass, .pass], rest: .fail(Self.down))
        #expect(try await session.commit(read) == session.snapshot.position)
        try await checkCommitted()
    }

    @Test func `a draft that may be in the log is not reported as not committed`() async throws {
        let draft = try await lostDraft()
        try await session.commit(draft)
        let read = try JSONDecoder().decode(Draft.self, from: JSONEncoder().encode(draft))
        for passing in 0...1 {
            store.loads(Array(repeating: .pass, count: passing), rest: .fail(Self.down))
            let error = await #expect(throws: SessionError.self) { try await session.commit(read) }
            #expect(error == .store(StoreError(.unavailable, committed: .unknown, message: "down")))
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [false, true])
    func `the commit of a draft ends although no load does`(isRead: Bool) async throws {
        let store = StrayStore(memory)
        defer { store.release() }
        let session = try await Boundary(store: store)
            .session(
                Self.key,
                model: LineModel([]),
                configuration: SessionConfiguration(commitTimeout: .milliseconds(50))
            )
        var draft = try await lostDraft()
        store.loads([], rest: .hang)
        if isRead {
            draft = try JSONDecoder().decode(Draft.self, from: JSONEncoder().encode(draft))
            let error = await #expect(throws: SessionError.self) { try await session.commit(draft) }
            guard case .store(let failure)? = error else { return }
            #expect(failure.committed == .unknown)
        } else {
            try await session.commit(draft)
            #expect(session.transcript.count == 2)
        }
        #expect(!session.isResponding)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a store that always says that the log moved on does not hold a change`() async throws {
        try await session.respond(to: "one")
        let draft = try await lostDraft()
        store.appends([], rest: .staleEmpty)
        for isRewind in [true, false] {
            let before = store.appendCount
            let error = await #expect(throws: SessionError.self) {
                if isRewind { try await session.rewind(to: 1) } else { try await session.commit(draft) }
            }
            guard case .store(let failure)? = error else { continue }
            #expect(failure.reason == .corrupt)
            #expect(store.appendCount - before == 1)
        }
    }
}
