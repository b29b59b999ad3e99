import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

/// Sessions on servers that delete live ones when their memory is full.
@Suite struct EvictionTests {
    private let key = SessionKey("session")
    private let model = FunctionModel { _ in .text("answer") }

    /// Stores 2,000 sessions, and floods the server with other keys until nearly all of them have lost something.
    private func flooded(_ fixture: StoreFixture) async throws -> [SessionKey] {
        let store = fixture.store()
        let keys = (0..<2_000).map { SessionKey("session \($0)") }
        for key in keys { _ = try await store.write(1, to: key, text: String(repeating: "x", count: 1_024)) }
        let used = try #require(try fixture.server.info("used_memory").flatMap { Int($0) })
        try fixture.server.command(["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"])
        try fixture.server.command(["CONFIG", "SET", "maxmemory", String(used + 50_000)])
        let flood = "for i = 1, 100 do redis.call('SET', KEYS[1] .. i, string.rep('x', 1000)) end"
        let names = keys.flatMap { [StoredKeys($0).guardKey, StoredKeys($0).logKey] }
        var round = 0
        try await eventually {
            round += 1
            try fixture.server.command(["EVAL", flood, "1", "flood \(round) "])
            let left = try fixture.server.command(["EXISTS"] + names)
            return try #require(Int(left)) < names.count / 10
        }
        try fixture.server.command(["CONFIG", "SET", "maxmemory", "0"])
        return keys
    }

    @Test(.timeLimit(.minutes(5)))
    func `no session that a server evicted is absent`() async throws {
        try await StoreFixture.run { fixture in
            let keys = try await flooded(fixture)
            var answers: [String: Int] = [:]
            for key in keys {
                switch try await fixture.store().load(key, after: nil) {
                case .tail: answers["whole", default: 0] += 1
                case .gone(let absence): answers["\(absence)", default: 0] += 1
                case let other: Issue.record("an evicted session is \(other)")
                }
            }
            print("EvictionTests: of 2,000 sessions \(answers)")
            #expect(answers["absent"] == nil)
            #expect(try #require(answers["evicted"]) > 1_000)
        }
    }

    @Test func `an evicted session is not resumed with an empty history, and may be created anew`() async throws {
        try await StoreFixture.run { fixture in
            try fixture.server.command(["CONFIG", "SET", "maxmemory-policy", "volatile-lru"])
            let boundary = Boundary(store: fixture.store(.idle(.seconds(60))))
            let session = try await boundary.session(key, model: model, opening: .create)
            _ = try await session.respond(to: "question")
            try fixture.command("DEL", "g", "l", on: key)
            await #expect {
                _ = try await boundary.session(key, model: model)
            } throws: { error in
                guard case .gone(key, .evicted) = error as? SessionError else { return false }
                return true
            }
            let new = try await boundary.session(key, model: model, opening: .create)
            _ = try await new.respond(to: "question")
            await #expect(throws: SessionError.self) { _ = try await session.respond(to: "the former one's next") }
        }
    }

    @Test(arguments: ["noeviction", "allkeys-lru"])
    func `a session that never was is absent where the server does not evict and has not evicted`(
        policy: String
    ) async throws {
        try await StoreFixture.run { fixture in
            try fixture.server.command(["CONFIG", "SET", "maxmemory-policy", policy])
            let result = try await fixture.store().load(key, after: nil)
            #expect(result == .gone(policy == "noeviction" ? .absent : .evicted))
        }
    }

    @Test func `a user who may not ask for the policy is not told that a session is absent`() async throws {
        try await StoreFixture.run { fixture in
            try fixture.server.command(["ACL", "SETUSER", "default", "-info"])
            let result = try await fixture.store().load(key, after: nil)
            #expect(result == .gone(.evicted))
        }
    }
}
