import NIOCore
import Stateline
import StatelineMemory
import StatelineTesting
import Testing

/// The boundary keeps the calls that a ledger lacks, whatever became of the handle that made them.
@Suite struct UnrecordedCallTests {
    let store = DownStore(MemoryStore())

    /// Makes a call, and drops its stream and its handle.
    func dropStream(of boundary: Boundary) async throws {
        let session = try await boundary.session("s")
        var iterator = session.streamResponse(to: "dropped").makeAsyncIterator()
        _ = try await iterator.next()
    }

    func ledger() async throws -> [Crossing] {
        try await Boundary(store: store).session("s").ledger()
    }

    /// Returns once the ledger shows some calls.
    func waitForCalls(_ count: Int) async throws {
        while try await ledger().count < count { await Task.yield() }
    }

    @Test func `a stream that is dropped with its handle leaves its call to another one's batch`() async throws {
        let boundary = Boundary(store: store)
        try await dropStream(of: boundary)
        #expect(boundary.unrecordedCalls.waiting == 1)
        let response = try await boundary.session("s").respond(to: "next")
        #expect(response.revision == 2)
        #expect(try await ledger().map(\.outcome) == [.abandoned, .answered(.stop)])
        #expect(boundary.unrecordedCalls == UnrecordedCallCounts.none)
    }

    @Test(.timeLimit(.minutes(5)))
    func `what is owed is written by run, also if the store was down`() async throws {
        let clock = ManualClock()
        let boundary = Boundary(store: store, clock: clock)
        let running = Task { try await boundary.run() }
        try await dropStream(of: boundary)
        try await waitForCalls(1)
        let session = try await boundary.session("s")
        var turn = try await session.checkout("dropped while the store is down")
        try turn.start()
        store.become(.down)
        _ = consume turn
        await clock.waitForSleepers(1)
        store.become(.up)
        clock.advance(by: .milliseconds(100))
        try await waitForCalls(2)
        running.cancel()
        try await running.value
        #expect(boundary.unrecordedCalls == UnrecordedCallCounts.none)
    }

    @Test func `what is owed is written once more at the end`() async throws {
        let boundary = Boundary(store: store)
        try await dropStream(of: boundary)
        let running = Task {
            while !Task.isCancelled { await Task.yield() }
            try await boundary.run()
        }
        running.cancel()
        try await running.value
        #expect(try await ledger().count == 1)
    }

    @Test func `calls of a session that is gone are owed no more`() async throws {
        let boundary = Boundary(store: store)
        try await dropStream(of: boundary)
        let session = try await boundary.session("s")
        try await boundary.delete(session.key)
        #expect(await !session.flushLedger())
        #expect(boundary.unrecordedCalls.waiting == 0)
        #expect(boundary.unrecordedCalls.forgotten == 1)
    }

    @Test func `calls of a session that is gone at the commit are counted`() async throws {
        let boundary = Boundary(store: store)
        try await dropStream(of: boundary)
        let session = try await boundary.session("s")
        var turn = try await session.checkout("gone")
        try turn.append(Answer.text("ok"))
        try await boundary.delete(session.key)
        do throws(SessionError) {
            _ = try await turn.commit()
            Issue.record("the session is gone")
        } catch {
            guard case .notCommitted(let failure) = error, case .gone = failure.reason else { throw error }
        }
        #expect(boundary.unrecordedCalls.waiting == 0)
        #expect(boundary.unrecordedCalls.forgotten == 2)
    }

    @Test func `calls with an unknown outcome of a session that is gone are counted`() async throws {
        let flaky = FlakyStore(store)
        let boundary = Boundary(store: flaky, clock: flaky.clock)
        let session = try await boundary.session("s")
        flaky.failNext(.lostUnnoticed, .lostUnnoticed, .lostUnnoticed)
        await #expect(throws: SessionError.self) { try await session.respond(to: "hello") }
        try await boundary.delete(session.key)
        #expect(await !session.flushLedger())
        #expect(boundary.unrecordedCalls.waiting == 0)
        #expect(boundary.unrecordedCalls.forgotten == 1)
    }

    @Test(arguments: [[FlakyStore.Failure.notSent], [.lostUnnoticed, .lostUnnoticed, .lostUnnoticed]])
    func `of a batch's calls those that fit are kept, the oldest first`(failures: [FlakyStore.Failure]) async throws {
        let flaky = FlakyStore(store)
        let boundary = Boundary(store: flaky, unrecordedCallLimit: 3, clock: flaky.clock)
        for _ in 0..<3 { try await dropStream(of: boundary) }
        let session = try await boundary.session("s")
        for failure in failures { flaky.failNext(failure) }
        await #expect(throws: SessionError.self) { try await session.respond(to: "refused") }
        #expect(boundary.unrecordedCalls.waiting == 3)
        #expect(boundary.unrecordedCalls.forgotten == 1)
        #expect(await session.flushLedger())
        #expect(try await ledger().map(\.outcome) == [.abandoned, .abandoned, .abandoned])
    }

    @Test(arguments: [0, 1])
    func `a store that takes no batches fails a turn before it pays although nothing is kept`(
        unrecordedCallLimit: Int
    ) async throws {
        let boundary = Boundary(store: store, unrecordedCallLimit: unrecordedCallLimit)
        // Another session has the room.
        let other = try await boundary.session("other")
        var turn = try await other.checkout("dropped")
        try turn.start()
        _ = consume turn
        let recorder = Recorder()
        let session = try await boundary.session(SessionKey("s"), model: LineModel([], recorder: recorder))
        store.become(.full)
        for prompt in ["one", "two", "three", "four", "five"] {
            await #expect(throws: SessionError.self) { try await session.respond(to: prompt) }
        }
        #expect(recorder.bodies.count == 1)
        store.become(.up)
        try await session.respond(to: "six")
        try await session.respond(to: "seven")
        #expect(session.transcript.map(\.text) == ["six", "ok", "seven", "ok"])
        // The creation, a batch without calls that the store took, and the two turns.
        #expect(session.snapshot.position.revision == 4)
        #expect(try await session.ledger().count == 2)
    }

    @Test func `debts are bounded, and what has no room is counted`() async throws {
        let boundary = Boundary(store: store, unrecordedCallLimit: 2)
        for _ in 0..<3 { try await dropStream(of: boundary) }
        #expect(boundary.unrecordedCalls.waiting == 2)
        #expect(boundary.unrecordedCalls.forgotten == 1)
        let session = try await boundary.session("s")
        #expect(await session.flushLedger())
        #expect(try await ledger().count == 2)
    }

    @Test func `a record that others outrun for too long stays owed`() async throws {
        let clock = ManualClock()
        let crowded = CrowdedStore(store) { clock.advance(by: .seconds(4)) }
        let boundary = Boundary(store: crowded, clock: clock)
        try await dropStream(of: boundary)
        let session = try await boundary.session("s")
        crowded.outrun(100, session.key, session.snapshot.position.incarnation)
        #expect(await !session.flushLedger())
        #expect(crowded.count == 3)
        crowded.outrun(0, session.key, session.snapshot.position.incarnation)
        #expect(await session.flushLedger())
        #expect(try await ledger().count == 1)
    }

    @Test(.timeLimit(.minutes(5)))
    func `cancelling does not wait for a store that hangs`() async throws {
        let store = HeldStore(MemoryStore())
        let boundary = Boundary(store: store)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let model = LineModel([]) {
            start.yield()
            while !Task.isCancelled { await Task.yield() }
        }
        let session = try await boundary.session(SessionKey("s"), model: model)
        store.hold()
        let turn = Task { try await session.respond(to: "hello") }
        for await _ in started { break }
        turn.cancel()
        await #expect(throws: SessionError.cancelled()) { try await turn.value }
        #expect(!session.isResponding)
        store.release()
        #expect(boundary.unrecordedCalls.waiting == 1)
        let response = try await boundary.session("s").respond(to: "again")
        #expect(response.revision == 2)
        #expect(try await session.ledger().map(\.outcome) == [.cancelled, .answered(.stop)])
    }

    @Test(arguments: [DownStore.Mode.down, .full], [false, true])
    func `a store that is known to be down fails a turn before it pays`(
        mode: DownStore.Mode,
        isCached: Bool
    ) async throws {
        let boundary = Boundary(store: store, cache: isCached ? MemoryCache() : nil)
        let recorder = Recorder()
        let session = try await boundary.session(SessionKey("s"), model: LineModel([], recorder: recorder))
        store.become(mode)
        for prompt in ["one", "two", "three"] {
            await #expect(throws: SessionError.self) { try await session.respond(to: prompt) }
        }
        #expect(recorder.bodies.count == 1)
        store.become(.up)
        try await session.respond(to: "four")
        #expect(session.transcript.map(\.text) == ["four", "ok"])
        #expect(try await ledger().count == 2)
    }

    @Test(arguments: [false, true])
    func `a store that one session found down fails another one's turn before it pays`(isCached: Bool) async throws {
        let boundary = Boundary(store: store, cache: isCached ? MemoryCache() : nil)
        let recorder = Recorder()
        let other = try await boundary.session(SessionKey("other"), model: LineModel([], recorder: recorder))
        let session = try await boundary.session("s")
        store.become(.down)
        await #expect(throws: SessionError.self) { try await session.respond(to: "hello") }
        await #expect(throws: SessionError.self) { try await other.respond(to: "hello") }
        #expect(recorder.bodies.isEmpty)
        store.become(.up)
        #expect(try await other.respond(to: "hello").trace.storeRoundTrips == 2)
        #expect(try await other.respond(to: "hello").trace.storeRoundTrips == 1)
    }
}

extension UnrecordedCallCounts {
    fileprivate static let none = Boundary(store: MemoryStore()).unrecordedCalls
}
