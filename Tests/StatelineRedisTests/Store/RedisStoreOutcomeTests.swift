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

    @Test(arguments: LogLayout.allCases)
    func `what was executed and whose answer was lost is asked again, and told`(layout: LogLayout) async throws {
        try await StoreBench.run(layout: layout) { bench in
            let store = bench.store()
            var writer = LogWriter(key)
            for _ in 0..<3 {
                let position = writer.position
                let batch = writer.append(.prompt("turn"))
                bench.sender.loseNext()
                let result = try await store.append(batch, to: key, expecting: position)
                #expect(result == .duplicate(.primary))
            }
            let fork = writer.fork(as: "fork")
            bench.sender.loseNext()
            let forked = try await store.fork(key, at: writer.position, to: fork.log.key, first: fork.first)
            #expect(forked == .duplicate)
            bench.sender.loseNext()
            let load = try await store.load(key, after: writer.position)
            #expect(load == .current)
            bench.sender.loseNext()
            let deletion = try await store.delete(key, expecting: writer.position)
            #expect(deletion == .gone(.deleted))
        }
    }

    @Test func `what was not sent is not committed, and what may have been sent is not known`() async throws {
        try await StoreBench.run { bench in
            let store = bench.store()
            var (writer, _) = try await store.write(1, to: key)
            let position = writer.position
            let batch = writer.append(.prompt("turn"))
            for reason in [RedisError.Reason.unreachable, .timedOut, .cancelled, .overloaded, .clusterDown] {
                bench.sender.beforeNext { () async throws(RedisError) in
                    throw RedisError(reason, .notSent, message: "planned")
                }
                await expectError(.unavailable, .no, "\(reason)") {
                    try await store.append(batch, to: key, expecting: position)
                }
            }
            bench.sender.beforeNext { () async throws(RedisError) in
                throw RedisError(.untrusted, .notSent, message: "planned")
            }
            await expectError(.denied, .no, "untrusted") { try await store.append(batch, to: key, expecting: position) }
            for reason in [RedisError.Reason.timedOut, .cancelled] {
                bench.sender.changeNext { _ throws(RedisError) in throw RedisError(reason, .unknown, message: "planned")
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
        try await StoreBench.run { bench in
            let patient = bench.store()
            var (writer, _) = try await patient.write(1, to: key)
            let position = writer.position
            let batch = writer.append(.prompt("turn"))
            let hasty = RedisStore(sender: bench.sender, timeout: .milliseconds(50))
            await bench.server.pause()
            await expectError(.unavailable, .unknown, "append") {
                try await hasty.append(batch, to: key, expecting: position)
            }
            bench.server.resume()
            let result = try await patient.append(batch, to: key, expecting: position)
            #expect(result == .duplicate(.primary))
        }
    }

    @Test(arguments: LogLayout.allCases)
    func `a server that has forgotten the scripts is told them again`(layout: LogLayout) async throws {
        try await StoreBench.run(layout: layout) { bench in
            let store = bench.store()
            var writer = LogWriter(key)
            for _ in 0..<3 {
                try bench.server.command(["SCRIPT", "FLUSH"])
                let counts = try await bench.sender.counting { try await store.commit("turn", to: &writer) }
                #expect(counts.requests == 2)
            }
            try bench.server.command(["SCRIPT", "FLUSH"])
            let result = try await store.load(key, after: writer.position)
            #expect(result == .current)
        }
    }

    @Test(arguments: LogLayout.allCases)
    func `a server at its bound refuses and changes nothing, and lets what is there be read and deleted`(
        layout: LogLayout
    ) async throws {
        try await StoreBench.run(layout: layout) { bench in
            let store = bench.store(.idle(.seconds(3600)))
            let (writer, batches) = try await store.write(3, to: key)
            let (other, _) = try await store.write(1, to: SessionKey("other"))
            let fork = writer.fork(as: "fork")
            let forked = try await store.fork(key, at: writer.position, to: fork.log.key, first: fork.first)
            #expect(forked == .forked)
            let saved = try bench.saveKeys(of: key)
            try bench.server.command(["CONFIG", "SET", "maxmemory", "1"])
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
            #expect(try bench.saveKeys(of: key) == saved)
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
            let logs = try bench.server.command(["KEYS", "*:l"])
            #expect(logs == "")
        }
    }

    @Test func `a log that would be longer than a string may be is full`() async throws {
        try await StoreBench.run { bench in
            let store = bench.store()
            try bench.server.command(["CONFIG", "SET", "proto-max-bulk-len", "1mb"])
            let (writer, batches) = try await store.write(1, to: key, text: String(repeating: "x", count: 600_000))
            let saved = try bench.saveKeys(of: key)
            var longer = writer
            let batch = longer.append(.prompt(String(repeating: "y", count: 600_000)))
            await expectError(.full, .no, "append") {
                try await store.append(batch, to: key, expecting: writer.position)
            }
            #expect(try bench.saveKeys(of: key) == saved)
            let result = try await store.load(key, after: nil)
            #expect(result == .tail(batches))
        }
    }

    @Test func `a commit that finds no room leaves the times of a session whose store gave it longer`() async throws {
        try await StoreBench.run { bench in
            try bench.server.command(["CONFIG", "SET", "proto-max-bulk-len", "1mb"])
            let text = String(repeating: "x", count: 600_000)
            var (writer, _) = try await bench.store(.idle(.seconds(30 * 86_400))).write(1, to: key, text: text)
            let saved = try bench.saveKeys(of: key)
            let position = writer.position
            let batch = writer.append(.prompt(text))
            await expectError(.full, .no, "append") {
                try await bench.store(.idle(.seconds(60))).append(batch, to: key, expecting: position)
            }
            #expect(try bench.saveKeys(of: key) == saved)
        }
    }

    @Test(arguments: LogLayout.allCases, ["set", "append", "xadd", "pexpireat"])
    func `a fork that fails leaves the counts and times of its ancestors`(
        layout: LogLayout,
        right: String
    ) async throws {
        try await StoreBench.run(layout: layout) { bench in
            let store = bench.store(.idle(.seconds(3600)))
            let (root, _) = try await store.write(2, to: key)
            let child = root.fork(as: "child")
            let first = try await store.fork(key, at: root.position, to: child.log.key, first: child.first)
            #expect(first == .forked)
            let saved = try [key, child.log.key].map { try bench.saveKeys(of: $0) }
            let late = child.log.fork(as: "late")
            try bench.server.command(["ACL", "SETUSER", "default", "-\(right)"])
            let isForked = await isDone {
                try await bench.store(.idle(.seconds(86_400)))
                    .fork(child.log.key, at: child.log.position, to: late.log.key, first: late.first)
            }
            try bench.server.command(["ACL", "SETUSER", "default", "+@all"])
            // Each layout appends by one of two commands, and needs no right to the other.
            #expect(isForked == (right == (layout == .string ? "xadd" : "append")))
            guard !isForked else { return }
            #expect(try [key, child.log.key].map { try bench.saveKeys(of: $0) } == saved)
        }
    }

    @Test func `a server that refuses writes is unavailable, and nothing is committed`() async throws {
        try await StoreBench.run { bench in
            let store = bench.store()
            var (writer, _) = try await store.write(1, to: key)
            let position = writer.position
            let batch = writer.append(.prompt("turn"))
            try bench.server.command(["CONFIG", "SET", "min-replicas-to-write", "1"])
            await expectError(.unavailable, .no, "too few replicas") {
                try await store.append(batch, to: key, expecting: position)
            }
            try bench.server.command(["CONFIG", "SET", "min-replicas-to-write", "0"])
            let result = try await store.append(batch, to: key, expecting: position)
            #expect(result == .committed(.primary))
        }
    }

    /// Every command that a script runs is forbidden in turn, in the middle of a script too.
    @Test(arguments: LogLayout.allCases)
    func `whatever right a user lacks, an operation happens whole or not at all`(layout: LogLayout) async throws {
        try await StoreBench.run(layout: layout) { bench in
            let store = bench.store(.idle(.seconds(3600)))
            for name in StoreScript.of(layout).commands + ["EVALSHA"] where name != "RENAME" {
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
                try bench.server.command(["ACL", "SETUSER", "default", "-\(name.lowercased())"])
                let committed = await isDone { try await store.append(batch, to: key, expecting: position) }
                let forked = await isDone {
                    try await store.fork(child.log.key, at: child.log.position, to: late.log.key, first: late.first)
                }
                let created = await isDone { try await store.append(first, to: new.key, expecting: origin) }
                let deleted = await isDone { try await store.delete(child.log.key, expecting: nil) }
                _ = await isDone { try await store.load(key, after: nil) }
                try bench.server.command(["ACL", "SETUSER", "default", "+@all"])
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

    @Test(arguments: LogLayout.allCases)
    func `replicas that were reached are told, for what was there already too`(layout: LogLayout) async throws {
        try await StoreBench.run(layout: layout) { bench in
            var options = RedisServer.Options()
            options.arguments = ["--replicaof", "127.0.0.1", String(bench.server.port)]
            try await RedisServer.run(options) { replica in
                try await replica.wait(until: "the link is up") { try $0.info("master_link_status") == "up" }
                func store(_ timeout: Duration) -> RedisStore {
                    RedisStore(
                        sender: bench.sender,
                        acknowledgement: .replicas(1, timeout: timeout),
                        layout: layout
                    )
                }
                var writer = LogWriter(key)
                let origin = writer.position
                let first = writer.append(.prompt("creation"))
                let second = writer.position
                let batch = writer.append(.prompt("turn"))
                let counts = try await bench.sender.counting {
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
