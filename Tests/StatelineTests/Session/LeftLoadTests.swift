import StatelineMemory
import StatelineTesting
import Testing

@testable import Stateline

/// Loads that several callers share, of which one fails by itself.
@Suite struct LeftLoadTests {
    private static let key = SessionKey("s")

    private let memory = MemoryStore()
    private let store: StrayStore

    init() {
        store = StrayStore(memory)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a load that hangs ends when its task is cancelled, and another caller loads`() async throws {
        defer { store.release() }
        try await Boundary(store: memory).session("s").respond(to: "one")
        let boundary = Boundary(store: store, cache: MemoryCache())
        store.loads([.hang], rest: .pass)
        let first = Task { try await boundary.session("s") }
        await store.waitUntilHanging()
        let second = Task { try await boundary.session("s") }
        await Task.yield()
        first.cancel()
        await #expect(throws: SessionError.self) { try await first.value }
        #expect(try await second.value.transcript.count == 2)
        #expect(try await boundary.session("s").transcript.count == 2)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a load that hangs without a cache ends when its task is cancelled`() async throws {
        defer { store.release() }
        let boundary = Boundary(store: store)
        let session = try await boundary.session("s")
        store.loads([], rest: .hang)
        let refresh = Task { try await session.refresh() }
        await store.waitUntilHanging()
        refresh.cancel()
        await #expect(throws: SessionError.self) { try await refresh.value }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [false, true])
    func `an opening does not fail by what the handle held whose load it joined`(isShorter: Bool) async throws {
        defer { store.release() }
        // Nothing fits into the cache.
        let cache = MemoryCache(byteLimit: 1)
        let boundary = Boundary(store: store, cache: cache)
        let held = try await boundary.session("s")
        let older = MemoryStore()
        if isShorter {
            guard case .tail(let log) = try await memory.load(Self.key, after: nil) else { throw TestError() }
            let origin = Position.origin(of: Self.key, incarnation: log[0].position.incarnation)
            _ = try await older.append(log[0], to: Self.key, expecting: origin)
        }
        try await held.respond(to: "one")
        // The server lost the session, or its end.
        store.replaceBase(older)
        store.loads([.hang], rest: .pass)
        let first = Task { try await held.respond(to: "two") }
        await store.waitUntilHanging()
        let second = Task { try await boundary.session("s") }
        for _ in 0..<1000 { await Task.yield() }
        store.release()
        await #expect(throws: SessionError.self) { try await first.value }
        #expect(try await second.value.transcript.isEmpty)
    }
}
