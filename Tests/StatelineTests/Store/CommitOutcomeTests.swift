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

    /// A sum of the longest duration and the present time overflows.
    @Test func `the longest duration is a limit of a commit and of a store`() async throws {
        await #expect(processExitsWith: .success) {
            let limit = Duration(attoseconds: .max)
            let session = try await Boundary(store: StrayStore(MemoryStore(), timeLimit: limit))
                .session(
                    SessionKey("s"),
                    model: LineModel([.calls("t"), .text("done")]),
                    tools: [TestTool(name: "t", timeout: limit)],
                    configuration: SessionConfiguration(
                        retries: RetryPolicy(base: limit, cap: limit, maximumRetryAfter: limit),
                        timeLimits: CallTimeLimits(total: limit),
                        turnTimeout: limit,
                        commitTimeout: limit
                    )
                )
            try await session.respond(to: "one")
            var turn = try await session.checkout("dropped")
            try turn.start()
            await turn.abandon()
            var generator = SystemRandomNumberGenerator()
            let policy = session.configuration.retries
            _ = policy.pause(after: 2, .rateLimited(retryAfter: limit, message: ""), using: &generator)
            _ = Lifetime.both(idle: limit, absolute: limit).end(created: .seconds(1), committed: .seconds(2))
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

@Suite struct DeletionTests {
    private static let key = SessionKey("s")

    @Test func `a session that is made anew while a deletion is repeated stays`() async throws {
        let base = MemoryStore(retention: .zero)
        let other = Boundary(store: base)
        let store = DeletionStore(base) {
            _ = try? await other.session(Self.key, model: LineModel([]), instructions: "anew", opening: .create)
        }
        let boundary = Boundary(store: store)
        _ = try await boundary.session(Self.key, model: LineModel([]))
        try await boundary.delete(Self.key)
        let session = try await other.session(Self.key, model: LineModel([]), opening: .resume)
        #expect(session.transcript.preamble.first?.text == "anew")
    }

    @Test func `a deletion succeeds while other writers commit`() async throws {
        let base = MemoryStore()
        let session = try await Boundary(store: base).session(Self.key, model: LineModel([]))
        let store = LateDeletionStore(base) { _ = try? await session.respond(to: "more") }
        try await Boundary(store: store).delete(Self.key)
        #expect(store.looks.withLock { $0 } == 4)
        #expect(try await base.load(Self.key, after: nil) == .gone(.deleted))
    }

    @Test func `a deletion of no session says why there is none`() async throws {
        let boundary = Boundary(store: MemoryStore())
        await #expect(throws: SessionError.gone(Self.key, .absent)) { try await boundary.delete(Self.key) }
        _ = try await boundary.session(Self.key, model: LineModel([]))
        try await boundary.delete(Self.key)
        await #expect(throws: SessionError.gone(Self.key, .deleted)) { try await boundary.delete(Self.key) }
    }
}

/// A store whose session changes after each of the first three looks at its position.
private final class LateDeletionStore: ForwardingStore {
    let base: any SessionStore
    let change: @Sendable () async -> Void
    let looks = Mutex(0)

    init(_ base: any SessionStore, change: @escaping @Sendable () async -> Void) {
        self.base = base
        self.change = change
    }

    func position(of key: SessionKey) async throws(StoreError) -> Position? {
        let position = try await base.position(of: key)
        let count = looks.withLock { looks in
            looks += 1
            return looks
        }
        if count < 4 { await change() }
        return position
    }
}

/// A store that loses the reply of the first deletion.
private final class DeletionStore: ForwardingStore {
    let base: any SessionStore
    let isFirst = Mutex(true)
    /// Called after the deletion whose reply is lost.
    let afterwards: @Sendable () async -> Void

    init(_ base: any SessionStore, afterwards: @escaping @Sendable () async -> Void = {}) {
        self.base = base
        self.afterwards = afterwards
    }

    func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult {
        let result = try await base.delete(key, expecting: position)
        if isFirst.withLock({ isFirst in
            defer { isFirst = false }
            return isFirst
        }) {
            await afterwards()
            throw StoreError(.unavailable, committed: .unknown, message: "x")
        }
        return result
    }
}
