import Stateline
import StatelineMemory
import StatelineTesting
import Testing

/// What does not fit into a cache is loaded again, and nothing is lost by that.
@Suite struct EvictionTests {
    let base = HeldStore(MemoryStore())

    @Test func `a session that was evicted is loaded again`() async throws {
        let boundary = Boundary(store: base, cache: MemoryCache(byteLimit: 64 << 10))
        let text = String(repeating: "x", count: 4 << 10)
        let keys = (0..<12).map { SessionKey("session \($0)") }
        for key in keys { _ = try await boundary.session(key, model: Echo(), opening: .create) }
        let (loads, before) = (base.count(of: .load), base.roundTrips)
        var told = 0
        for turn in 0..<4 {
            for key in keys {
                let session = try await boundary.session(key, model: Echo())
                let response = try await session.respond(to: text)
                #expect(response.content == "saw \(2 * turn + 1)")
                told += response.trace.storeRoundTrips
            }
        }
        #expect(base.roundTrips - before == told)
        #expect(base.count(of: .load) - loads >= 2 * keys.count, "twelve sessions of up to 64 KiB each don't fit")
    }

    @Test func `a session that is larger than the cache is loaded for each turn`() async throws {
        let boundary = Boundary(store: base, cache: MemoryCache(byteLimit: 16 << 10))
        let session = try await boundary.session(SessionKey("large"), model: Echo())
        try await session.respond(to: String(repeating: "x", count: 32 << 10))
        for turn in 1..<4 {
            let response = try await session.respond(to: "more")
            #expect(response.content == "saw \(2 * turn + 1)")
            #expect(response.trace.cacheOutcome == .miss)
            #expect(response.trace.storeRoundTrips == 2)
        }
    }
}
