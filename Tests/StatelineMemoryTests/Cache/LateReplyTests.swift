import LockFreeMap
import NIOConcurrencyHelpers
import Stateline
import StatelineTesting
import Testing

@testable import StatelineMemory

/// Replies that come late, and callers that meet: what a cache must not get wrong.
@Suite struct LateReplyTests {
    let key = SessionKey("session")
    let base = HeldStore(MemoryStore())
    let sessions = MemoryCache()
    /// The store as sessions ask it.
    let cache: LogStore
    let boundary: Boundary

    init() {
        boundary = Boundary(store: base, cache: sessions)
        cache = LogStore(base, of: boundary)
    }

    /// Waits until so many callers wait for the load that another one began.
    private func waitForCallers(_ count: Int) async {
        let place = ByteKey(key)
        while sessions.sessions.watch(place).withLockedValue({ $0.loads[place]?.waiterCount ?? 0 }) < count {
            await Task.yield()
        }
    }

    /// Writes a session past the cache.
    private func write(_ count: Int) async throws -> LogWriter {
        var writer = LogWriter(key)
        for number in 0..<count {
            let position = writer.position
            let result = try await base.append(
                writer.append(number % 2 == 0 ? .prompt("\(number)") : .response("\(number)")),
                to: key,
                expecting: position
            )
            try #require(result == .committed(.memory))
        }
        return writer
    }

    @Test func `callers that need the same session at once wait for one load`() async throws {
        _ = try await write(3)
        base.hold(.load)
        let sessions = try await withThrowingTaskGroup(of: ModelSession?.self) { group in
            for _ in 0..<16 {
                group.addTask { try await boundary.session(key, model: Echo()) }
            }
            group.addTask {
                await base.waitForHeld(.load)
                await waitForCallers(15)
                base.release(.load)
                return nil
            }
            return try await group.reduce(into: [ModelSession]()) { sessions, session in
                if let session { sessions.append(session) }
            }
        }
        #expect(base.count(of: .load) == 1)
        #expect(sessions.count == 16)
        for session in sessions {
            #expect(session.transcript.map(\.text) == ["0", "1", "2"])
            let turn = try await session.checkout("next")
            await turn.abandon()
        }
        #expect(base.count(of: .load) == 1)
    }

    @Test func `a leader that is cancelled does not fail who waits for it`() async throws {
        _ = try await write(3)
        base.hold(.load, losingCancelled: true)
        let leader = Task { try await boundary.session(key, model: Echo()) }
        await base.waitForHeld(.load)
        let followers = (0..<4).map { _ in Task { try await boundary.session(key, model: Echo()) } }
        await waitForCallers(4)
        leader.cancel()
        await #expect(throws: SessionError.self) { try await leader.value }
        await base.waitForHeld(.load, 2)
        base.release(.load)
        for follower in followers { #expect(try await follower.value.transcript.count == 3) }
        #expect(base.count(of: .load) == 2)
    }

    @Test func `who waits and is cancelled does not wait for the load`() async throws {
        _ = try await write(3)
        base.hold(.load)
        let leader = Task { try await boundary.session(key, model: Echo()) }
        await base.waitForHeld(.load)
        let follower = Task { try await boundary.session(key, model: Echo()) }
        follower.cancel()
        await #expect(throws: SessionError.cancelled()) { try await follower.value }
        base.release(.load)
        #expect(try await leader.value.transcript.count == 3)
    }

    @Test func `a failure of the load is the failure of all who wait for it, and is not kept`() async throws {
        _ = try await write(1)
        let failing = SwitchedStore(FailingStore())
        let boundary = Boundary(store: failing, cache: MemoryCache())
        let error = SessionError.store(StoreError(.unavailable, committed: .no, message: "down"))
        await #expect(throws: error) { try await boundary.session(key, model: Echo()) }
        failing.switchTo(base)
        #expect(try await boundary.session(key, model: Echo()).transcript.count == 1)
    }

    @Test func `a load that was slow does not hide a commit that was acknowledged since`() async throws {
        var writer = try await write(2)
        base.hold(.load)
        let opening = Task { try await boundary.session(key, model: Echo()) }
        await base.waitForHeld(.load)
        let position = writer.position
        let result = try await cache.append(writer.append(.prompt("since")), to: key, expecting: position)
        #expect(result == .committed(.memory))
        base.release(.load)
        let session = try await opening.value
        #expect(session.transcript.map(\.text) == ["0", "1", "since"])
        #expect(try await session.respond(to: "next").trace.storeRoundTrips == 3)
    }

    @Test func `a load that was slow does not bring back what was deleted since`() async throws {
        _ = try await write(2)
        base.hold(.load)
        let opening = Task { try await boundary.session(key, model: Echo()) }
        await base.waitForHeld(.load)
        #expect(try await cache.delete(key, expecting: nil) == .deleted)
        base.release(.load)
        await #expect(throws: SessionError.gone(key, .deleted)) { try await opening.value }
        await #expect(throws: SessionError.gone(key, .deleted)) { try await boundary.session(key, model: Echo()) }
    }

    @Test func `a load that found nothing does not hide a creation that was acknowledged since`() async throws {
        base.hold(.load)
        let opening = Task { try await boundary.session(key, model: Echo(), opening: .resume) }
        await base.waitForHeld(.load)
        var writer = LogWriter(key)
        let origin = writer.position
        #expect(
            try await cache.append(writer.append(.prompt("since")), to: key, expecting: origin) == .committed(.memory)
        )
        base.release(.load)
        #expect(try await opening.value.transcript.map(\.text) == ["since"])
    }

    @Test func `an append whose reply was slow does not bring back what was deleted since`() async throws {
        _ = try await write(2)
        let session = try await boundary.session(key, model: Echo())
        base.hold(.append)
        let turn = Task { try await session.respond(to: "slow") }
        await base.waitForHeld(.append)
        #expect(try await cache.delete(key, expecting: nil) == .deleted)
        base.release(.append)
        // The commit was before the deletion, and is acknowledged.
        #expect(try await turn.value.revision == 3)
        await #expect(throws: SessionError.gone(key, .deleted)) { try await boundary.session(key, model: Echo()) }
        await #expect(throws: SessionError.gone(key, .deleted)) { try await session.respond(to: "more") }
    }

    @Test func `an append whose reply was slow does not hide a later one`() async throws {
        _ = try await write(2)
        let session = try await boundary.session(key, model: Echo())
        let other = try await boundary.session(key, model: Echo())
        base.hold(.append)
        let turn = Task { try await session.respond(to: "slow") }
        await base.waitForHeld(.append)
        let later = Task {
            try await other.refresh()
            return try await other.respond(to: "later")
        }
        await base.waitForHeld(.append, 2)
        base.release(.append)
        _ = try await (turn.value, later.value)
        let again = try await boundary.session(key, model: Echo())
        #expect(again.snapshot.position.revision == 4)
        #expect(again.transcript.count == 6)
    }

    @Test(arguments: [256 << 20, 6 << 10])
    func `no turn begins with less than what was acknowledged before it`(byteLimit: Int) async throws {
        let boundary = Boundary(store: base, cache: MemoryCache(byteLimit: byteLimit))
        let names = 3
        for number in 0..<names {
            _ = try await boundary.session(SessionKey("shared \(number)"), model: Echo(), opening: .create)
        }
        let acknowledged = Acknowledged()
        try await withThrowingTaskGroup { group in
            for worker in 0..<4 {
                group.addTask {
                    var numbers = SeededGenerator(seed: UInt64(worker))
                    for _ in 0..<40 {
                        let key = SessionKey("shared \(Int.random(in: 0..<names, using: &numbers))")
                        let floor = acknowledged.revision(of: key)
                        let session = try await boundary.session(key, model: Echo())
                        let turn = try await session.checkout("hello")
                        try #require(turn.base.revision >= floor)
                        await turn.abandon()
                        await Task.yield()
                        do {
                            acknowledged.raise(key, to: try await session.respond(to: "by \(worker)").revision)
                        } catch SessionError.notCommitted(let failure) {
                            guard case .stale = failure.reason else { throw failure }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
