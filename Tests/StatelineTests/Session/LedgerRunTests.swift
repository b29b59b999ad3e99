import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

@testable import Stateline

/// The boundary's `run()` writes what is owed, pauses while it cannot, and ends in time.
@Suite(.serialized) struct LedgerRunTests {
    /// A reason why a record fails that is not the store's.
    enum Damage: CaseIterable {
        /// A newer writer's batch.
        case unreadable
        /// A batch that does not follow the one before it.
        case corrupt
    }

    /// Makes a call in a turn that is dropped, and appends a batch that the boundary cannot read.
    private func owe(_ damage: Damage, in memory: MemoryStore, to boundary: Boundary) async throws {
        let session = try await boundary.session("s")
        var turn = try await session.checkout("dropped")
        try turn.start()
        var writer = LogWriter(session.key, incarnation: session.snapshot.position.incarnation)
        guard case .tail(let log) = try await memory.load(session.key, after: nil) else { throw TestError() }
        try writer.follow(log)
        let base = writer.position
        var next = writer.append(.prompt("other"))
        switch damage {
        case .unreadable: next = next.ofVersion(9)
        case .corrupt:
            // Its digest is of a log with another batch before it.
            next = EncodedBatch(position: next.position, turn: next.turn, bytes: writer.append(.prompt("later")).bytes)
        }
        guard case .committed = try await memory.append(next, to: session.key, expecting: base) else {
            throw TestError()
        }
        _ = consume turn
    }

    /// Polls a condition until it is true or the test's time is over.
    private func poll(_ condition: @Sendable () -> Bool) async throws {
        while !condition() {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: Damage.allCases)
    func `a session that cannot be read is asked again after longer and longer pauses`(damage: Damage) async throws {
        let clock = ManualClock()
        let memory = MemoryStore()
        let store = FlakyStore(memory)
        let boundary = Boundary(store: store, clock: clock)
        try await owe(damage, in: memory, to: boundary)
        let before = store.appends
        let running = Task { try await boundary.run() }
        defer { running.cancel() }
        for (attempts, pause) in [100, 200, 400, 800, 1600, 3200, 5000, 5000].enumerated() {
            try await poll { clock.sleeperCount == 1 || store.appends > before + 20 }
            #expect(store.appends - before == attempts + 1)
            clock.advance(by: .milliseconds(pause - 1))
            try #require(clock.sleeperCount == 1)
            clock.advance(by: .milliseconds(1))
        }
        #expect(boundary.unrecordedCalls.waiting == 1)
        #expect(boundary.unrecordedCalls.forgotten == 0)
    }

    /// When a store begins to hang.
    enum Hang: CaseIterable {
        /// Before the task is cancelled.
        case whileRecording
        /// When what is owed is written once more.
        case atTheEnd
    }

    @Test(.timeLimit(.minutes(5)), arguments: Hang.allCases)
    func `run ends 5 seconds after it is cancelled although the store hangs`(hang: Hang) async throws {
        let clock = ManualClock()
        let store = HeldStore(MemoryStore())
        defer { store.release() }
        let boundary = Boundary(store: store, clock: clock)
        let session = try await boundary.session("s")
        var turn = try await session.checkout("dropped")
        try turn.start()
        _ = consume turn
        store.hold()
        let isEnded = Mutex(false)
        let running = Task {
            while hang == .atTheEnd, !Task.isCancelled { await Task.yield() }
            try await boundary.run()
            isEnded.withLock { $0 = true }
        }
        if hang == .whileRecording { await store.waitUntilHanging() }
        running.cancel()
        await store.waitUntilHanging()
        try await poll { clock.sleeperCount == 1 }
        clock.advance(by: .milliseconds(4999))
        try #require(clock.sleeperCount == 1)
        #expect(!isEnded.withLock { $0 })
        clock.advance(by: .milliseconds(1))
        try await poll { isEnded.withLock { $0 } }
        store.release()
        try await poll { boundary.unrecordedCalls.waiting == 0 }
        while try await session.ledger().isEmpty {
            try Task.checkCancellation()
            await Task.yield()
        }
        #expect(try await session.ledger().count == 1)
    }
}
