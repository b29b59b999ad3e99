import NIOCore
import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

/// What becomes of an operation when the server or the way to it fails.
@Suite struct RedisStoreOutcomeTests {
    private let key = SessionKey("session")

    private func expectError<R>(
        _ reason: StoreError.Reason,
        _ committed: StoreError.Committed,
        _ what: String,
        _ body: () async throws -> R
    ) async {
        await #expect("\(what)") {
            _ = try await body()
        } throws: {
            ($0 as? StoreError)?.reason == reason && ($0 as? StoreError)?.committed == committed
        }
    }

    @Test func `what was executed and whose answer was lost is unknown, and the next call tells`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            /// Loses the first answer, which has to be the only attempt, and does the same again.
            func twice<R: Sendable>(_ committed: StoreError.Committed, _ body: () async throws -> R) async throws -> R {
                let counts = await fixture.sender.counting {
                    fixture.sender.loseNext()
                    await expectError(.unavailable, committed, "lost", body)
                }
                #expect(counts.requests == 1)
                return try await body()
            }
            var writer = LogWriter(key)
            for _ in 0..<3 {
                let position = writer.position
                let batch = writer.append(.prompt("turn"))
                let result = try await twice(.unknown) { try await store.append(batch, to: key, expecting: position) }
                #expect(result == .duplicate(.primary))
            }
            let fork = writer.fork(as: "fork")
            let forked = try await twice(.unknown) {
                try await store.fork(key, at: writer.position, to: fork.log.key, first: fork.first)
            }
            #expect(forked == .duplicate)
            let load = try await twice(.no) { try await store.load(key, after: writer.position) }
            #expect(load == .current)
            let deletion = try await twice(.unknown) { try await store.delete(key, expecting: writer.position) }
            #expect(deletion == .gone(.deleted))
        }
    }

    @Test func `what was not sent is not committed, and what may have been sent is not known`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            var (writer, _) = try await store.write(1, to: key)
            let position = writer.position
            let batch = writer.append(.prompt("turn"))
            for reason in [RedisError.Reason.unreachable, .timedOut, .cancelled, .overloaded, .clusterDown] {
                fixture.sender.beforeNext { () async throws(RedisError) in
                    throw RedisError(reason, .notSent, message: "planned")
                }
                await expectError(.unavailable, .no, "\(reason)") {
                    try await store.append(batch, to: key, expecting: position)
                }
            }
            fixture.sender.beforeNext { () async throws(RedisError) in
                throw RedisError(.untrusted, .notSent, message: "planned")
            }
            await expectError(.denied, .no, "untrusted") { try await store.append(batch, to: key, expecting: position) }
            for reason in [RedisError.Reason.timedOut, .cancelled] {
                fixture.sender.changeNext { _ throws(RedisError) in
                    throw RedisError(reason, .unknown, message: "planned")
                }
                await expectError(.unavailable, .unknown, "\(reason)") {
                    try await store.append(batch, to: key, expecting: position)
                }
            }
            let result = try await store.append(batch, to: key, expecting: position)
            #expect(result == .duplicate(.primary))
        }
    }

    @Test func `a server that does not answer leaves the outcome unknown, and one that answers again tells it`()
        async throws
    {
        try await StoreFixture.run { fixture in
            let patient = fixture.store()
            var (writer, _) = try await patient.write(1, to: key)
            let position = writer.position
            let batch = writer.append(.prompt("turn"))
            let hasty = RedisStore(sender: fixture.sender, timeout: .milliseconds(50))
            await fixture.server.pause()
            await expectError(.unavailable, .unknown, "append") {
                try await hasty.append(batch, to: key, expecting: position)
            }
            fixture.server.resume()
            let result = try await patient.append(batch, to: key, expecting: position)
            #expect(result == .duplicate(.primary))
        }
    }

    @Test func `a server that has forgotten the scripts is told them again`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            var writer = LogWriter(key)
            for _ in 0..<3 {
                try fixture.server.command(["SCRIPT", "FLUSH"])
                let counts = try await fixture.sender.counting { try await store.commit("turn", to: &writer) }
                #expect(counts.requests == 2)
            }
            try fixture.server.command(["SCRIPT", "FLUSH"])
            let result = try await store.load(key, after: writer.position)
            #expect(result == .current)
        }
    }

    @Test func `a server at its bound refuses and changes nothing, and lets what is there be read and deleted`()
        async throws
    {
        try await StoreFixture.run { fixture in
            let store = fixture.store(.idle(.seconds(3600)))
            let (writer, batches) = try await store.write(3, to: key)
            let (other, _) = try await store.write(1, to: SessionKey("other"))
            let fork = writer.fork(as: "fork")
            let forked = try await store.fork(key, at: writer.position, to: fork.log.key, first: fork.first)
            #expect(forked == .forked)
            let saved = try fixture.saveKeys(of: key)
            try fixture.server.command(["CONFIG", "SET", "maxmemory", "1"])
            var longer = writer
            let batch = longer.append(.prompt("turn"))
            await expectError(.full, .no, "append") {
                try await store.append(batch, to: key, expecting: writer.position)
            }
            let late = writer.fork(as: "late")
            await expectError(.full, .no, "fork") {
                try await store.fork(key, at: writer.position, to: late.log.key, first: late.first)
            }
            var new = LogWriter(SessionKey("new"))
            let origin = new.position
            let first = new.append(.prompt("creation"))
            await expectError(.full, .no, "creation") { try await store.append(first, to: new.key, expecting: origin) }
            #expect(try fixture.saveKeys(of: key) == saved)
            let result = try await store.load(key, after: nil)
            #expect(result == .tail(batches))
            let stale = try await store.append(batches[1], to: key, expecting: batches[0].position)
            #expect(stale == .duplicate(.primary))
            // One that forks need, one that needs another, one that is alone.
            for key in [key, fork.log.key, other.key] {
                let deletion = try await store.delete(key, expecting: nil)
                #expect(deletion == .deleted)
            }
            let absent = try await store.load(new.key, after: nil)
            #expect(absent == .gone(.absent))
            let logs = try fixture.server.command(["KEYS", "*:l"])
            #expect(logs == "")
        }
    }

    @Test func `a log that would be longer than a string may be is full`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            try fixture.server.command(["CONFIG", "SET", "proto-max-bulk-len", "1mb"])
            let (writer, batches) = try await store.write(1, to: key, text: String(repeating: "x", count: 600_000))
            let saved = try fixture.saveKeys(of: key)
            var longer = writer
            let batch = longer.append(.prompt(String(repeating: "y", count: 600_000)))
            await expectError(.full, .no, "append") {
                try await store.append(batch, to: key, expecting: writer.position)
            }
            #expect(try fixture.saveKeys(of: key) == saved)
            let result = try await store.load(key, after: nil)
            #expect(result == .tail(batches))
        }
    }

    @Test func `a commit that finds no room leaves the times of a session whose store gave it longer`() async throws {
        try await StoreFixture.run { fixture in
            try fixture.server.command(["CONFIG", "SET", "proto-max-bulk-len", "1mb"])
            let text = String(repeating: "x", count: 600_000)
            var (writer, _) = try await fixture.store(.idle(.seconds(30 * 86_400))).write(1, to: key, text: text)
            let saved = try fixture.saveKeys(of: key)
            let position = writer.position
            let batch = writer.append(.prompt(text))
            await expectError(.full, .no, "append") {
                try await fixture.store(.idle(.seconds(60))).append(batch, to: key, expecting: position)
            }
            #expect(try fixture.saveKeys(of: key) == saved)
        }
    }

    @Test(arguments: ["set", "append", "pexpireat"])
    func `a fork that fails leaves the counts and times of its ancestors`(
        right: String
    ) async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store(.idle(.seconds(3600)))
            let (root, _) = try await store.write(2, to: key)
            let child = root.fork(as: "child")
            let first = try await store.fork(key, at: root.position, to: child.log.key, first: child.first)
            #expect(first == .forked)
            let saved = try [key, child.log.key].map { try fixture.saveKeys(of: $0) }
            let late = child.log.fork(as: "late")
            try fixture.server.command(["ACL", "SETUSER", "default", "-\(right)"])
            let isForked = await isDone {
                try await fixture.store(.idle(.seconds(86_400)))
                    .fork(child.log.key, at: child.log.position, to: late.log.key, first: late.first)
            }
            try fixture.server.command(["ACL", "SETUSER", "default", "+@all"])
            #expect(!isForked)
            #expect(try [key, child.log.key].map { try fixture.saveKeys(of: $0) } == saved)
        }
    }

    @Test func `a server that refuses writes is unavailable, and nothing is committed`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            var (writer, _) = try await store.write(1, to: key)
            let position = writer.position
            let batch = writer.append(.prompt("turn"))
            try fixture.server.command(["CONFIG", "SET", "min-replicas-to-write", "1"])
            await expectError(.unavailable, .no, "too few replicas") {
                try await store.append(batch, to: key, expecting: position)
            }
            try fixture.server.command(["CONFIG", "SET", "min-replicas-to-write", "0"])
            let result = try await store.append(batch, to: key, expecting: position)
            #expect(result == .committed(.primary))
        }
    }

    /// Every command that a script runs is forbidden in turn, in the middle of a script too.
    @Test func `whatever right a user lacks, an operation happens whole or not at all`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store(.idle(.seconds(3600)))
            for name in StoreScript.commands + ["EVALSHA"] where name != "RENAME" {
                let key = SessionKey("session without \(name)")
                var (writer, batches) = try await store.write(2, to: key)
                let child = writer.fork(as: "child")
                _ = try await store.fork(key, at: writer.position, to: child.log.key, first: child.first)
                let position = writer.position
                let batch = writer.append(.prompt("turn"))
                let late = child.log.fork(as: "late")
                var new = LogWriter(SessionKey("new without \(name)"))
                let origin = new.position
                let first = new.append(.prompt("creation"))
                try fixture.server.command(["ACL", "SETUSER", "default", "-\(name.lowercased())"])
                let committed = await isDone { try await store.append(batch, to: key, expecting: position) }
                let forked = await isDone {
                    try await store.fork(child.log.key, at: child.log.position, to: late.log.key, first: late.first)
                }
                let created = await isDone { try await store.append(first, to: new.key, expecting: origin) }
                let deleted = await isDone { try await store.delete(child.log.key, expecting: nil) }
                _ = await isDone { try await store.load(key, after: nil) }
                try fixture.server.command(["ACL", "SETUSER", "default", "+@all"])
                if committed { batches.append(batch) }
                let own = try await store.load(key, after: nil)
                #expect(own == .tail(batches), "\(name)")
                let fork = try await store.load(child.log.key, after: nil)
                #expect(fork == (deleted ? .gone(.deleted) : .tail(Array(batches[..<2]) + [child.first])), "\(name)")
                let grandchild = try await store.load(late.log.key, after: nil)
                #expect(
                    grandchild == (forked ? .tail(batches[..<2] + [child.first, late.first]) : .gone(.absent)),
                    "\(name)"
                )
                let other = try await store.load(new.key, after: nil)
                #expect(other == (created ? .tail([first]) : .gone(.absent)), "\(name)")
            }
        }
    }

    /// Whether an operation was done; otherwise it has to say that a right was missing, and that nothing was done.
    private func isDone<R>(_ body: () async throws -> R) async -> Bool {
        do {
            _ = try await body()
            return true
        } catch {
            let error = error as? StoreError
            #expect(error?.reason == .denied)
            #expect(error?.committed == .no)
            return false
        }
    }

    @Test func `replicas that were reached are told, for what was there already too`() async throws {
        try await StoreFixture.run { fixture in
            var options = RedisServer.Options()
            options.arguments = ["--replicaof", "127.0.0.1", String(fixture.server.port)]
            try await RedisServer.run(options) { replica in
                try await replica.wait(until: "the link is up") { try $0.info("master_link_status") == "up" }
                func store(_ timeout: Duration) -> RedisStore {
                    RedisStore(
                        sender: fixture.sender,
                        acknowledgement: .replicas(1, timeout: timeout)
                    )
                }
                var writer = LogWriter(key)
                let origin = writer.position
                let first = writer.append(.prompt("creation"))
                let second = writer.position
                let batch = writer.append(.prompt("turn"))
                let counts = try await fixture.sender.counting {
                    let created = try await store(.seconds(10)).append(first, to: key, expecting: origin)
                    #expect(created == .committed(.replicas(1)))
                }
                #expect(Set(counts.lanes) == [.replicated])
                await replica.pause()
                let alone = try await store(.milliseconds(20)).append(batch, to: key, expecting: second)
                #expect(alone == .committed(.replicas(0)))
                replica.resume()
                let again = try await store(.seconds(10)).append(batch, to: key, expecting: second)
                #expect(again == .duplicate(.replicas(1)))
            }
        }
    }
}
