import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

/// The count of renewals at the end of the guard.
@Suite struct RedisStoreLeaseTests {
    private let key = SessionKey("session")
    private let turn = TurnID(rawValue: 1)

    @Test(arguments: [nil, Lifetime.both(idle: .seconds(60), absolute: .seconds(3600))])
    func `a renewal is one round trip of a few hundred bytes, and commits and loads are as they were`(
        lifetime: Lifetime?
    ) async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store(lifetime)
            let sender = fixture.sender
            var (writer, _) = try await store.write(2, to: key)
            let without = try await sender.counting { try await store.commit("text", to: &writer) }
            for renewing in [turn, nil] {
                let counts = try await sender.counting { _ = try await store.lease(of: key, renewing: renewing) }
                #expect(counts.lanes == [.shared])
                #expect(counts.bytesUp < 300 && counts.bytesDown < 100)
            }
            let with = try await sender.counting { try await store.commit("text", to: &writer) }
            #expect(with == without)
            let load = try await sender.counting { _ = try await store.load(key, after: writer.position) }
            #expect(load.lanes == [.shared] && load.bytesDown < 20)
        }
    }

    @Test func `a count needs no key of its own, and 22 bytes once`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            let (writer, batches) = try await store.write(3, to: key)
            let (fork, first) = writer.fork(as: "fork")
            _ = try await store.fork(key, at: writer.position, to: fork.key, first: first)
            for (key, position) in [(key, writer.position), (fork.key, fork.position)] {
                let keys = try fixture.server.command(["KEYS", "*"]).split(separator: "\n").sorted()
                let log = try fixture.command("GETRANGE", "l", "0", "-1", on: key)
                let size = try #require(Int(try fixture.command("STRLEN", "g", on: key)))
                for count in 1...300 {
                    let lease = try await store.lease(of: key, renewing: turn)
                    #expect(lease == .lease(of: turn, renewals: UInt64(count), position: position))
                }
                _ = try await store.lease(of: key, renewing: .random())
                #expect(try fixture.command("STRLEN", "g", on: key) == String(size + 22))
                #expect(try fixture.command("GETRANGE", "l", "0", "-1", on: key) == log)
                #expect(try fixture.server.command(["KEYS", "*"]).split(separator: "\n").sorted() == keys)
            }
            let page = try await store.list(key.tenant, cursor: nil, limit: 10)
            #expect(Set(page.keys) == [key, fork.key])
            let loaded = try await store.load(fork.key, after: nil)
            #expect(loaded == .tail(batches + [first]))
        }
    }

    @Test(arguments: [nil, Lifetime.idle(.seconds(3600))])
    func `a server at its bound counts renewals`(lifetime: Lifetime?) async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store(lifetime)
            var (writer, _) = try await store.write(1, to: key)
            let position = writer.position
            try fixture.server.command(["CONFIG", "SET", "maxmemory", "1"])
            let error = await #expect(throws: StoreError.self) { try await store.commit("text", to: &writer) }
            #expect(error?.reason == .full)
            for count in 1...3 {
                let lease = try await store.lease(of: key, renewing: turn)
                #expect(lease == .lease(of: turn, renewals: UInt64(count), position: position))
            }
        }
    }

    @Test func `a user with the rights of the store renews`() async throws {
        var options = RedisServer.Options()
        let rules = AccessRules(user: "app").rules.filter { $0 != "reset" }
        options.users = [(["app"] + rules + [">word"]).joined(separator: " ")]
        try await RedisServer.run(options) { server in
            let url = try RedisURL("redis://app:word@127.0.0.1:\(server.port)")
            for lifetime in [nil, Lifetime.idle(.seconds(60))] {
                let store = RedisStore(url, lifetime: lifetime)
                let (writer, _) = try await store.write(1, to: SessionKey("\(lifetime == nil)"))
                for renewing in [turn, nil] {
                    let lease = try await store.lease(of: writer.key, renewing: renewing)
                    #expect(lease == .lease(of: turn, renewals: 1, position: writer.position))
                }
                await store.close()
            }
        }
    }

    @Test func `renewals keep a fork, its keys and its ancestors as commits do`() async throws {
        try await StoreFixture.runTimed { fixture in
            let store = fixture.store(.idle(.seconds(100)), retention: .seconds(1))
            let (root, shared) = try await store.write(2, to: key)
            let fork = root.fork(as: "fork")
            _ = try await store.fork(key, at: root.position, to: fork.log.key, first: fork.first)
            for _ in 0..<30 {
                try fixture.server.advance(by: .seconds(90))
                _ = try await store.lease(of: fork.log.key, renewing: turn)
                #expect(try fixture.command("PTTL", "l", on: fork.log.key) == "135000")
            }
            let result = try await store.load(fork.log.key, after: nil)
            #expect(result == .tail(shared + [fork.first]))
            let parent = try await store.lease(of: key, renewing: turn)
            #expect(parent == .gone(.absent))
            try fixture.server.advance(by: .seconds(1000))
            #expect(try fixture.server.command(["KEYS", "*"]) == "")
        }
    }

    @Test func `a lost reply to a renewal says that nothing was committed`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            _ = try await store.write(1, to: key)
            fixture.sender.loseNext()
            let error = await #expect(throws: StoreError.self) { try await store.lease(of: key, renewing: turn) }
            #expect(error?.reason == .unavailable && error?.committed == .no)
        }
    }

    @Test(arguments: [100, 157, 159, 170])
    func `a guard that was cut is corrupt, and stays as it is`(size: Int) async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            _ = try await store.write(1, to: key)
            let cut = "redis.call('SET', KEYS[1], string.sub(redis.call('GET', KEYS[1]), 1, \(size)))"
            try fixture.command("EVAL", cut, "1", "g", on: key)
            for renewing in [turn, nil] {
                let error = await #expect(throws: StoreError.self) {
                    try await store.lease(of: key, renewing: renewing)
                }
                #expect(error?.reason == .corrupt)
            }
            #expect(try fixture.command("STRLEN", "g", on: key) == String(size))
        }
    }

    @Test func `a log without its guard is evicted, and has no lease`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            _ = try await store.write(1, to: key)
            try fixture.command("DEL", "g", on: key)
            let lease = try await store.lease(of: key, renewing: turn)
            #expect(lease == .gone(.evicted))
            #expect(try fixture.command("EXISTS", "g", on: key) == "0")
        }
    }
}
