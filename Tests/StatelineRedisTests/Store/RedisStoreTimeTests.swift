import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

/// What becomes of keys, and of what forks share, as time passes.
@Suite struct RedisStoreTimeTests {
    private let key = SessionKey("session")

    @Test func `the server deletes what is over by itself`() async throws {
        try await StoreFixture.runTimed { fixture in
            let store = fixture.store(.idle(.seconds(60)), retention: .seconds(600))
            let (writer, _) = try await store.write(3, to: key)
            let fork = writer.fork(as: "fork")
            _ = try await store.fork(key, at: writer.position, to: fork.log.key, first: fork.first)
            try fixture.server.advance(by: .seconds(120))
            #expect(try fixture.server.command(["EXISTS", StoredKeys(fork.log.key).logKey]) == "0")
            #expect(try fixture.command("EXISTS", "g", on: key) == "1")
            try fixture.server.advance(by: .seconds(600))
            #expect(try fixture.server.command(["KEYS", "*"]) == "")
        }
    }

    @Test func `a session's time is what the store says that wrote its newest batch`() async throws {
        try await StoreFixture.runTimed { fixture in
            var (writer, batches) = try await fixture.store().write(1, to: key)
            #expect(try fixture.command("PTTL", "l", on: key) == "-1")
            batches.append(try await fixture.store(.idle(.seconds(60))).commit("mortal", to: &writer))
            #expect(try fixture.command("PTTL", "l", on: key) == "85000")
            batches.append(try await fixture.store(.idle(.seconds(600))).commit("for longer", to: &writer))
            #expect(try fixture.command("PTTL", "l", on: key) == "760000")
            batches.append(try await fixture.store().commit("immortal", to: &writer))
            #expect(try fixture.command("PTTL", "l", on: key) == "-1")
            #expect(try fixture.command("PTTL", "g", on: key) == "-1")
            try fixture.server.advance(by: .seconds(1_000_000))
            let result = try await fixture.store().load(key, after: nil)
            #expect(result == .tail(batches))
        }
    }

    @Test func `a retention that is raised holds from the next commit`() async throws {
        try await StoreFixture.runTimed { fixture in
            let lifetime = Lifetime.idle(.seconds(3600))
            var (writer, _) = try await fixture.store(lifetime, retention: .seconds(60)).write(1, to: key)
            try await fixture.store(lifetime, retention: .seconds(30 * 86_400)).commit("raised", to: &writer)
            try fixture.server.advance(by: .seconds(29 * 86_400))
            let kept = try await fixture.store().load(key, after: nil)
            #expect(kept == .gone(.expired))
            try fixture.server.advance(by: .seconds(2 * 86_400))
            let forgotten = try await fixture.store().load(key, after: nil)
            #expect(forgotten == .gone(.absent))
        }
    }

    @Test func `a clock that goes back keeps a session alive, and what is over stays over while it goes on`()
        async throws
    {
        try await StoreFixture.runTimed { fixture in
            let store = fixture.store(.idle(.seconds(60)))
            var (writer, batches) = try await store.write(2, to: key)
            try fixture.server.advance(by: .seconds(-3600))
            batches.append(try await store.commit("after the jump", to: &writer))
            try fixture.server.advance(by: .seconds(59))
            let alive = try await store.load(key, after: nil)
            #expect(alive == .tail(batches))
            try fixture.server.advance(by: .seconds(1))
            let over = try await store.load(key, after: nil)
            #expect(over == .gone(.expired))
        }
    }

    @Test func `commits to a fork keep its ancestors' logs, and do so now and then`() async throws {
        try await StoreFixture.runTimed { fixture in
            let store = fixture.store(.idle(.seconds(100)), retention: .seconds(1))
            let (root, shared) = try await store.write(2, to: key)
            let child = root.fork(as: "child")
            _ = try await store.fork(key, at: root.position, to: child.log.key, first: child.first)
            var fork = child.log.fork(as: "fork")
            _ = try await store.fork(child.log.key, at: child.log.position, to: fork.log.key, first: fork.first)
            var batches = shared + [child.first, fork.first]
            var renewals = 0
            for _ in 0..<200 {
                try fixture.server.advance(by: .seconds(5))
                let before = try fixture.command("PEXPIRETIME", "l", on: key)
                batches.append(try await store.commit("turn", to: &fork.log))
                if try fixture.command("PEXPIRETIME", "l", on: key) != before { renewals += 1 }
            }
            let result = try await store.load(fork.log.key, after: nil)
            #expect(result == .tail(batches))
            // Kept for twice the idle time whenever less than it is left: of 1,000 s about each hundredth.
            #expect((8...11).contains(renewals))
            for gone in [key, child.log.key] {
                let result = try await store.load(gone, after: nil)
                #expect(result == .gone(.absent))
            }
        }
    }

    @Test func `a key that was forgotten and is used again does not disturb the forks of its former session`()
        async throws
    {
        try await StoreFixture.runTimed { fixture in
            let store = fixture.store(retention: .seconds(10))
            var (root, shared) = try await store.write(1, to: key)
            let early = root
            shared.append(try await store.commit("second", to: &root))
            var child = root.fork(as: "child")
            _ = try await store.fork(key, at: root.position, to: child.log.key, first: child.first)
            var batches = shared + [child.first]
            var lives: [[EncodedBatch]] = []
            for _ in 0..<3 {
                _ = try await store.delete(key, expecting: nil)
                try fixture.server.advance(by: .seconds(11))
                lives.append(try await store.write(3, to: key, text: "another life").1)
                batches.append(try await store.commit("on", to: &child.log))
                // A fork where the former session's log was left, at a batch of it.
                let late = early.fork(as: "late \(lives.count)")
                let made = try await store.fork(child.log.key, at: early.position, to: late.log.key, first: late.first)
                #expect(made == .forked)
                let read = try await store.load(late.log.key, after: nil)
                #expect(read == .tail([shared[0], late.first]))
                let forked = try await store.load(child.log.key, after: nil)
                #expect(forked == .tail(batches))
                let behind = try await store.load(child.log.key, after: shared[0].position)
                #expect(behind == .tail(Array(batches[1...])))
                let own = try await store.load(key, after: nil)
                #expect(own == .tail(lives[lives.count - 1]))
            }
            #expect(try fixture.server.command(["KEYS", "*:l:*"]).split(separator: "\n").count == 1)
            for id in ["child", "late 1", "late 2", "late 3"] {
                _ = try await store.delete(key.fork(id), expecting: nil)
            }
            let own = try await store.load(key, after: nil)
            #expect(own == .tail(lives[2]))
            #expect(try fixture.server.command(["KEYS", "*:*:*:*"]) == "")
            _ = try await store.delete(key, expecting: nil)
            #expect(try fixture.server.command(["KEYS", "*:l*"]) == "")
        }
    }
}
