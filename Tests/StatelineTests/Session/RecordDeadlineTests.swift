import StatelineMemory
import StatelineTesting
import Testing

@testable import Stateline

/// A record of calls ends with the time of its commit or its turn, on a store that hangs too.
///
/// A caller that waited for the store would never return: each test releases the store at its end.
@Suite struct RecordDeadlineTests {
    private static let key = SessionKey("s")
    private static let refusal = LineModel.Reply(refused: .rateLimited(retryAfter: nil, message: "slow down"))
    private static let configuration = SessionConfiguration(retries: .none)

    private let memory = MemoryStore()
    private let store: HeldStore
    private let clock = ManualClock()

    init() {
        store = HeldStore(memory, mayHang: true)
    }

    /// Returns the error of a turn; `nil` if it was committed.
    private func failure(of session: ModelSession) async -> SessionError? {
        do throws(SessionError) {
            try await session.respond(to: "hello")
            return nil
        } catch {
            return error
        }
    }

    /// Lets the time of the record pass whose append is the nth that hangs.
    private func passRecordTime(of number: Int = 1) async {
        await store.waitUntilHanging(number)
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(10))
    }

    /// Releases the store, and checks that the ledger shows some calls then.
    private func checkLedger(of session: ModelSession, in boundary: Boundary, callCount: Int) async throws {
        store.release()
        #expect(await session.flushLedger())
        #expect(try await session.ledger().count == callCount)
        #expect(boundary.unrecordedCalls == UnrecordedCallCounts(waiting: 0, forgotten: 0))
    }

    /// Opens a session whose first turn is outrun by another process; the store hangs after the commit.
    private func outrunSession(in boundary: Boundary) async throws -> ModelSession {
        let other = try await Boundary(store: DownStore(memory)).session(Self.key, model: LineModel([]))
        let isFirst = OneShot<Void>()
        let model = LineModel([]) {
            guard isFirst.give(()) else { return }
            _ = try? await other.respond(to: "other")
            store.hold(after: 1)
        }
        return try await boundary.session(Self.key, model: model, configuration: Self.configuration)
    }

    @Test(.timeLimit(.minutes(5)), arguments: [TurnConcurrency.optimistic, .enqueue(limit: 8)])
    func `a commit that was stale ends although the store hangs then`(concurrency: TurnConcurrency) async throws {
        defer { store.release() }
        let boundary = Boundary(store: store, concurrency: concurrency, clock: clock)
        let session = try await outrunSession(in: boundary)
        async let outrun = failure(of: session)
        await passRecordTime()
        let error = await outrun
        guard case .notCommitted(let failure)? = error, case .stale = failure.reason else {
            Issue.record("not a stale commit: \(String(describing: error))")
            return
        }
        #expect(failure.draft.answer == "ok")
        #expect(!session.isResponding)
        #expect(boundary.unrecordedCalls.waiting == 1)
        try await checkLedger(of: session, in: boundary, callCount: 2)
    }

    @Test(.timeLimit(.minutes(5)))
    func `the next turn of a queue begins although the record of a stale turn hangs`() async throws {
        defer { store.release() }
        let boundary = Boundary(store: store, concurrency: .enqueue(limit: 8), clock: clock)
        let session = try await outrunSession(in: boundary)
        let next = try await boundary.session(Self.key, model: LineModel([]))
        let outrun = Task { await failure(of: session) }
        await store.waitUntilHanging()
        // One append is lost, and the store answers the others.
        store.hold(only: SessionKey("none"))
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(10))
        #expect(await failure(of: next) == nil)
        #expect(await outrun.value?.draft?.answer == "ok")
        #expect(boundary.unrecordedCalls.waiting == 0)
        #expect(try await next.ledger().count == 3)
        store.release()
        #expect(try await next.ledger().count == 3)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a turn that fails gives its steps back although the store hangs`() async throws {
        defer { store.release() }
        let boundary = Boundary(store: store, clock: clock)
        let model = LineModel([.calls("t"), Self.refusal])
        let tool = TestTool(name: "t") {
            store.hold()
            return "fine"
        }
        let session = try await boundary.session(
            Self.key,
            model: model,
            tools: [tool],
            configuration: Self.configuration
        )
        async let refused = failure(of: session)
        await passRecordTime()
        let error = await refused
        guard case .model? = error else {
            Issue.record("not the model's error: \(String(describing: error))")
            return
        }
        #expect(error?.draft?.entries.last?.text == "fine")
        #expect(boundary.unrecordedCalls.waiting == 2)
        // The store does not answer yet: the next turn does not pay.
        async let refusedAgain = failure(of: session)
        await passRecordTime(of: 2)
        guard case .store? = await refusedAgain else {
            Issue.record("the store does not answer")
            return
        }
        #expect(model.bodies.count == 2)
        try await checkLedger(of: session, in: boundary, callCount: 2)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a turn that is cancelled while its calls are recorded ends`() async throws {
        defer { store.release() }
        let boundary = Boundary(store: store, clock: clock)
        let session = try await boundary.session(
            Self.key,
            model: LineModel([Self.refusal]) { store.hold() },
            configuration: Self.configuration
        )
        let turn = Task { await failure(of: session) }
        await store.waitUntilHanging()
        turn.cancel()
        #expect(await turn.value != nil)
        #expect(!session.isResponding)
        #expect(boundary.unrecordedCalls.waiting == 1)
        try await checkLedger(of: session, in: boundary, callCount: 1)
    }

    @Test(.timeLimit(.minutes(5)))
    func `run records the calls of other sessions while one hangs`() async throws {
        defer { store.release() }
        // No time passes: the record that hangs does not end.
        let boundary = Boundary(store: store, clock: clock)
        var sessions: [ModelSession] = []
        for number in 0..<6 { sessions.append(try await boundary.session("\(number)")) }
        let running = Task { try await boundary.run() }
        defer { running.cancel() }
        func drop(_ session: ModelSession) async throws {
            var turn = try await session.checkout("dropped")
            try turn.start()
        }
        store.hold(only: sessions[0].key)
        try await drop(sessions[0])
        await store.waitUntilHanging()
        for session in sessions.dropFirst() { try await drop(session) }
        for session in sessions.dropFirst() {
            while try await session.ledger().isEmpty {
                try Task.checkCancellation()
                await Task.yield()
            }
        }
        // What the session with the hanging record owes since is recorded after that.
        try await drop(sessions[0])
        store.release()
        while try await sessions[0].ledger().count < 2 {
            try Task.checkCancellation()
            await Task.yield()
        }
        #expect(boundary.unrecordedCalls == UnrecordedCallCounts(waiting: 0, forgotten: 0))
    }
}
