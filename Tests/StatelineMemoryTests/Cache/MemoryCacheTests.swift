import Stateline
import StatelineMemory
import StatelineTesting
import Testing

@Suite struct MemoryCacheTests {
    let contract = SessionStoreContract(
        LogStore(MemoryStore(), cache: MemoryCache()),
        expiry: .provided { lifetime, retention in
            let clock = ManualClock()
            let store = MemoryStore(lifetime: lifetime, retention: retention, clock: clock)
            return ExpiringStore(LogStore(store, cache: MemoryCache(clock: clock)), clock: clock)
        },
        bound: .provided { LogStore(MemoryStore(byteLimit: $0), cache: MemoryCache()) }
    )

    @Test(arguments: SessionStoreContract.Clause.allCases)
    func `the cache keeps the contract of its store`(clause: SessionStoreContract.Clause) async throws {
        try await contract.check(clause)
    }

    let key = SessionKey("session")
    let base = HeldStore(ReferenceStore())

    /// A cache that knows nothing yet, over a session of some turns that another process wrote.
    private func cold(
        _ turns: Int = 2,
        _ validation: CacheValidation = .optimistic,
        clock: ManualClock = ManualClock()
    ) async throws -> (boundary: Boundary, other: ModelSession) {
        let other = try await Boundary(store: base).session(key, model: Echo(), instructions: "Be brief.")
        for turn in 0..<turns { try await other.respond(to: "turn \(turn)") }
        return (Boundary(store: base, cache: MemoryCache(validation: validation, clock: clock)), other)
    }

    // MARK: Round trips

    @Test func `a session that is not in the cache costs two round trips, one that is costs one`() async throws {
        let (boundary, _) = try await cold()
        for expected in [2, 1, 1] {
            let before = base.roundTrips
            let trace = try await boundary.session(key, model: Echo()).respond(to: "more").trace
            #expect(trace.storeRoundTrips == expected)
            #expect(base.roundTrips - before == expected)
            #expect(trace.cacheOutcome == (expected == 2 ? .miss : .hit))
            #expect((trace.storeBytesRead > 0) == (expected == 2))
        }
    }

    @Test func `further turns of a handle cost one round trip`() async throws {
        let (boundary, _) = try await cold()
        let session = try await boundary.session(key, model: Echo())
        #expect(try await session.respond(to: "first").trace.storeRoundTrips == 2)
        let before = base.roundTrips
        for _ in 0..<3 {
            let trace = try await session.respond(to: "next").trace
            #expect(trace.storeRoundTrips == 1)
            #expect(trace.cacheOutcome == .hit)
        }
        #expect(base.roundTrips - before == 3)
    }

    @Test func `validation before the call costs a round trip and sees what others wrote`() async throws {
        let (boundary, other) = try await cold(2, .beforeCall)
        let session = try await boundary.session(key, model: Echo())
        try await session.respond(to: "first")
        for (outcome, entries) in [(CacheOutcome.validated, 9), (.stale, 13)] {
            if outcome == .stale {
                try await other.refresh()
                try await other.respond(to: "elsewhere")
            }
            let before = base.roundTrips
            let response = try await boundary.session(key, model: Echo()).respond(to: "next")
            #expect(response.trace.cacheOutcome == outcome)
            #expect(response.trace.storeRoundTrips == 2)
            #expect(base.roundTrips - before == 2)
            #expect((response.trace.storeBytesRead > 0) == (outcome == .stale))
            #expect(response.content == "saw \(entries - 1)")
        }
    }

    @Test func `validation by age asks once the age is reached`() async throws {
        let clock = ManualClock()
        let (boundary, _) = try await cold(1, .maxAge(.seconds(60)), clock: clock)
        let session = try await boundary.session(key, model: Echo())
        try await session.respond(to: "first")
        for (seconds, outcome) in [(60, CacheOutcome.hit), (60, .hit), (61, .validated), (60, .hit)] {
            clock.advance(by: .seconds(seconds))
            let trace = try await session.respond(to: "next").trace
            #expect(trace.cacheOutcome == outcome, "after \(seconds) s")
            #expect(trace.storeRoundTrips == (outcome == .hit ? 1 : 2))
        }
    }

    @Test func `the round trips of all traces are those that the store counts`() async throws {
        let (boundary, _) = try await cold()
        let before = base.roundTrips
        let told = try await withThrowingTaskGroup { group in
            for number in 0..<8 {
                group.addTask {
                    let session = try await boundary.session(self.key.root(number), model: Echo(), opening: .create)
                    return try await session.respond(to: "hello").trace.storeRoundTrips
                }
            }
            return try await group.reduce(0, +)
        }
        // A creation is no turn's.
        #expect(base.roundTrips - before == told + 8)
    }

    // MARK: What is kept

    @Test func `what is in the cache is neither decoded nor rendered again`() async throws {
        let (boundary, _) = try await cold(20)
        let model = Echo()
        let session = try await boundary.session(key, model: model)
        #expect(model.renderedCount == 41)
        try await session.respond(to: "more")
        let second = Echo()
        let again = try await boundary.session(key, model: second)
        try await again.respond(to: "and more")
        #expect(again.transcript.count == 45)
        #expect(second.renderedCount == 2)
    }

    @Test func `a dialect that renders otherwise gets its own bytes`() async throws {
        let (boundary, _) = try await cold()
        let plain = Echo()
        try await boundary.session(key, model: plain).respond(to: "first")
        for variant in ["marked", nil] {
            let marked = Echo(lines: Echo.Lines(variant: variant, prefix: "> "))
            let session = try await boundary.session(key, model: marked)
            try await session.respond(to: "next")
            let body = try #require(marked.bodies.first)
            let texts = session.transcript.dropLast().map { "> \($0.text)\n" }
            #expect(body == texts.joined())
        }
        let again = try await boundary.session(key, model: plain)
        try await again.respond(to: "last")
        let body = try #require(plain.bodies.last)
        #expect(body == again.transcript.dropLast().map { "\($0.text)\n" }.joined())
    }

    @Test func `a handle goes on with what another handle of the process committed`() async throws {
        let (boundary, _) = try await cold()
        let first = try await boundary.session(key, model: Echo())
        let second = try await boundary.session(key, model: Echo())
        for _ in 0..<3 {
            try await first.respond(to: "by the first")
            try await second.respond(to: "by the second")
        }
        #expect(second.transcript.count == 17)
    }

    @Test func `a stale commit brings what is missing into the cache`() async throws {
        let (boundary, other) = try await cold()
        let session = try await boundary.session(key, model: Echo())
        try await other.respond(to: "elsewhere")
        await #expect(throws: SessionError.self) { try await session.respond(to: "too late") }
        let before = base.count(of: .load)
        let again = try await boundary.session(key, model: Echo())
        #expect(again.transcript == other.transcript)
        #expect(try await again.respond(to: "now").trace.storeRoundTrips == 1)
        #expect(base.count(of: .load) == before)
    }

    @Test func `a fork is in the cache as soon as it is made`() async throws {
        let (boundary, _) = try await cold()
        let fork = try await boundary.session(key, model: Echo()).fork(as: "branch")
        let before = base.roundTrips
        let again = try await boundary.session(fork.key, model: Echo())
        #expect(again.transcript == fork.transcript)
        #expect(base.roundTrips == before)
    }

    @Test func `a session that was deleted is not served`() async throws {
        let (boundary, _) = try await cold()
        let session = try await boundary.session(key, model: Echo())
        try await boundary.delete(key)
        let gone = SessionError.gone(key, .deleted)
        await #expect(throws: gone) { try await session.respond(to: "more") }
        await #expect(throws: gone) { try await boundary.session(key, model: Echo()) }
    }

    @Test func `a session that was deleted elsewhere is not kept once that is known`() async throws {
        let (boundary, _) = try await cold()
        let session = try await boundary.session(key, model: Echo())
        #expect(try await base.delete(key, expecting: nil) == .deleted)
        let error = await #expect(throws: SessionError.self) { try await session.respond(to: "more") }
        guard case .notCommitted(let failure)? = error else { throw try #require(error) }
        #expect(failure.reason == .gone(.deleted))
        await #expect(throws: SessionError.gone(key, .deleted)) { try await boundary.session(key, model: Echo()) }
    }

    @Test func `a session that was created again elsewhere is another one`() async throws {
        let clock = ManualClock()
        let store = ReferenceStore(retention: .seconds(1), clock: clock)
        let boundary = Boundary(store: store, cache: MemoryCache(validation: .beforeCall))
        let former = try await boundary.session(key, model: Echo())
        try await former.respond(to: "in the former one")
        _ = try await store.delete(key, expecting: nil)
        clock.advance(by: .seconds(1))
        try await Boundary(store: store).session(key, model: Echo(), opening: .create).respond(to: "hello")
        await #expect(throws: SessionError.regressed(key)) { try await former.respond(to: "more") }
        let session = try await boundary.session(key, model: Echo(), opening: .resume)
        #expect(session.transcript.map(\.text) == ["hello", "saw 1"])
        try await session.respond(to: "more")
    }

    @Test func `a store that went back is told once, and then taken as it is`() async throws {
        let (_, other) = try await cold(1)
        let store = SwitchedStore(base)
        let boundary = Boundary(store: store, cache: MemoryCache(validation: .beforeCall))
        let session = try await boundary.session(key, model: Echo())
        let older = ReferenceStore()
        try await Self.copy(key, from: base, to: older)
        try await session.respond(to: "acknowledged")
        store.switchTo(older)
        await #expect(throws: SessionError.regressed(key)) { try await session.respond(to: "more") }
        let again = try await boundary.session(key, model: Echo(), opening: .resume)
        #expect(again.transcript == other.transcript)
    }

    private static func copy(_ key: SessionKey, from store: some SessionStore, to other: some SessionStore) async throws
    {
        guard case .tail(let batches) = try await store.load(key, after: nil) else { return }
        var position = Position.origin(of: key, incarnation: batches[0].position.incarnation)
        for batch in batches {
            #expect(try await other.append(batch, to: key, expecting: position) == .committed(.memory))
            position = batch.position
        }
    }
}

extension SessionKey {
    fileprivate func root(_ number: Int) -> SessionKey { SessionKey("\(id) \(number)", tenant: tenant) }
}
