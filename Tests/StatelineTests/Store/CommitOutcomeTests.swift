import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

@testable import Stateline

@Suite struct CommitOutcomeTests {
    static let key = SessionKey("s")

    static let reasons: [StoreError.Reason] = [.unavailable, .full, .corrupt, .denied, .unreadable(.malformed("m"))]

    @Test(arguments: reasons, [false, true])
    func `what may be committed is never reported as not committed`(
        reason: StoreError.Reason,
        hasCache: Bool
    ) async throws {
        for second in [StoreError.Committed.no, .unknown, .yes] {
            for first in [StoreError.Committed.unknown, .yes] {
                let store = FlakyStore(MemoryStore())
                let boundary = Boundary(store: store, cache: hasCache ? MemoryCache() : nil)
                var configuration = SessionConfiguration()
                configuration.commitTimeout = .milliseconds(50)
                let session = try await boundary.session(
                    Self.key,
                    model: LineModel([]),
                    configuration: configuration
                )
                try await session.respond(to: "one")
                let more = Array(repeating: FlakyStore.Failure.refused(reason, second), count: 1000)
                store.failNext([.committed(reason, first)] + more)
                var found: SessionError?
                do { try await session.respond(to: "two") } catch { found = error }
                guard case .notCommitted(let failure)? = found, case .store(let error) = failure.reason else {
                    Issue.record("\(first) \(second): \(String(describing: found))")
                    continue
                }
                #expect(error.committed != .no)
                #expect(failure.draft.answer == "ok")
                store.failNoMore()
                try await session.commit(failure.draft)
                #expect(session.transcript.count == 4)
                try await session.respond(to: "three")
                #expect(session.transcript.count == 6)
                #expect(try await session.ledger().count == 3)
                #expect(boundary.unrecordedCalls.waiting == 0)
                let other = try await Boundary(store: store).session(Self.key, model: LineModel([]))
                #expect(other.transcript.count == 6)
            }
        }
    }

    /// A commit that waited for the attempt would never end: the attempt ends after it.
    @Test(.timeLimit(.minutes(5)), arguments: [false, true])
    func `a commit ends at the deadline though the second attempt hangs`(isStubborn: Bool) async throws {
        let (store, session) = try await Self.session([
            .replyLost, isStubborn ? .ignoresCancellation : .hangs,
        ])
        let error = await #expect(throws: SessionError.self) { try await session.respond(to: "two") }
        #expect(error?.draft?.answer == "ok")
        store.release.give(())
    }

    @Test(.timeLimit(.minutes(5)), arguments: [false, true])
    func `a commit ends at the deadline though the first attempt hangs`(isStubborn: Bool) async throws {
        let (store, session) = try await Self.session([isStubborn ? .ignoresCancellation : .hangs])
        let error = await #expect(throws: SessionError.self) { try await session.respond(to: "two") }
        #expect(error?.draft?.answer == "ok")
        store.release.give(())
    }

    /// Opens a session whose commits have 100 ms, in a store that then fails.
    private static func session(_ failures: [FlakyStore.Failure]) async throws -> (FlakyStore, ModelSession) {
        let store = FlakyStore(MemoryStore(), mayHang: true)
        var configuration = SessionConfiguration()
        configuration.commitTimeout = .milliseconds(100)
        let session = try await Boundary(store: store)
            .session(key, model: LineModel([]), configuration: configuration)
        store.failNext(failures)
        return (store, session)
    }

    @Test func `a commit without a limit of time is possible`() async throws {
        await #expect(processExitsWith: .success) {
            let store = FlakyStore(MemoryStore())
            var configuration = SessionConfiguration()
            configuration.commitTimeout = .seconds(Int64.max)
            let session = try await Boundary(store: store)
                .session(SessionKey("s"), model: LineModel([]), configuration: configuration)
            store.failNext(.lostUnnoticed)
            try await session.respond(to: "two")
        }
    }

    @Test(arguments: [false, true])
    func `a deletion whose reply is lost succeeds`(hasCache: Bool) async throws {
        let store = DeletionStore(MemoryStore())
        let boundary = Boundary(store: store, cache: hasCache ? MemoryCache() : nil)
        let session = try await boundary.session(Self.key, model: LineModel([]))
        try await session.respond(to: "one")
        #expect(try await boundary.log.delete(Self.key))
    }
}

/// A store that loses the reply of the first deletion.
private final class DeletionStore: ForwardingStore {
    let base: any SessionStore
    let isFirst = Mutex(true)
    init(_ base: any SessionStore) { self.base = base }

    func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult {
        let result = try await base.delete(key, expecting: position)
        if isFirst.withLock({ isFirst in
            defer { isFirst = false }
            return isFirst
        }) {
            throw StoreError(.unavailable, committed: .unknown, message: "x")
        }
        return result
    }
}
