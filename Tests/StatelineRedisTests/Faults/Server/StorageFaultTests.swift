import Foundation
import NIOCore
import Stateline
import StatelineLoad
import Testing

@testable import StatelineRedis
@testable import StatelineTesting

/// Servers without room, servers that make room, operators and clocks.
@Suite(.serialized) struct StorageFaultTests {
    private let key = SessionKey("kept", tenant: "faults")

    /// F27: out of memory with `noeviction`.
    @Test func `a full server refuses commits whole, serves reads, and takes commits when it has room again`()
        async throws
    {
        try await FaultFixture.run { fixture in
            let keys = FaultFixture.keys(6)
            for key in keys {
                var writer = AuditedWriter(key)
                try await writer.append(to: fixture.watched)
            }
            let used = try #require(try fixture.server.info("used_memory").flatMap { Int($0) })
            try fixture.server.command(["CONFIG", "SET", "maxmemory", String(used + 400_000)])
            let counts = try await FaultLoad.run(6, on: keys, of: fixture.watched, size: 4096) { load in
                try await eventually { load.counts.errors.count >= 20 }
                // Reads go on.
                for key in keys {
                    let result = try await fixture.watched.load(key, after: nil)
                    guard case .tail = result else {
                        Issue.record("a full server has \(result)")
                        continue
                    }
                }
                let full = try await fixture.report()
                #expect(full.isClean, "\(full)")
                try fixture.server.command(["CONFIG", "SET", "maxmemory", "0"])
                try await load.progress(by: 30)
            }
            #expect(counts.errors.allSatisfy { $0.reason == .full && $0.committed == .no }, "\(Set(counts.errors))")
            #expect(counts.obstacles.isEmpty)
        }
    }

    /// F28: live sessions evicted.
    @Test func `a session that a server evicted is gone in every answer, and never a shorter or empty one`()
        async throws
    {
        try await FaultFixture.run(acceptsEviction: true, expecting: .honest) { fixture in
            let keys = FaultFixture.keys(40)
            for key in keys {
                var writer = AuditedWriter(key, size: 2048)
                for _ in 0..<3 { try await writer.append(to: fixture.watched) }
            }
            let used = try #require(try fixture.server.info("used_memory").flatMap { Int($0) })
            try fixture.server.command(["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"])
            try fixture.server.command(["CONFIG", "SET", "maxmemory", String(used + 50_000)])
            let flood = "for i = 1, 100 do redis.call('SET', KEYS[1] .. i, string.rep('x', 1000)) end"
            var round = 0
            let names = keys.flatMap { [StoredKeys($0).guardKey, StoredKeys($0).logKey] }
            try await eventually {
                round += 1
                try fixture.server.command(["EVAL", flood, "1", "flood \(round) "])
                let left = try fixture.server.command(["EXISTS"] + names)
                return try #require(Int(left)) < names.count - 10
            }
            try fixture.server.command(["CONFIG", "SET", "maxmemory", "0"])
            var gone = 0
            for key in keys {
                switch try await fixture.watched.load(key, after: nil) {
                case .tail(let log): #expect(log.count == 3)
                case .gone(let absence):
                    #expect(absence == .evicted)
                    gone += 1
                case let other: Issue.record("an evicted session is \(other)")
                }
            }
            #expect(gone > 0)
            let report = try await fixture.report()
            #expect(report.admitted == 3 * gone)
        }
    }

    /// F30: FLUSHALL, and a key of another type.
    @Test func `an operator who deletes or replaces what is there is found out, and nothing is written over it`()
        async throws
    {
        try await FaultFixture.run(expecting: .honest) { fixture in
            let keys = FaultFixture.keys(2)
            let counts = try await FaultLoad.run(4, on: keys, of: fixture.watched) { load in
                try await load.progress(by: 20)
                try fixture.server.command(["FLUSHALL"])
                try await eventually { load.counts.obstacles.count == 4 }
            }
            #expect(counts.errors.isEmpty)
            #expect(counts.obstacles.allSatisfy { $0 == .gone(.absent) })
            #expect(try fixture.server.command(["DBSIZE"]) == "0")

            var writer = AuditedWriter(key)
            try await writer.append(to: fixture.watched)
            let names = StoredKeys(key)
            for name in [names.guardKey, names.logKey] {
                try fixture.server.command(["DEL", name])
                try fixture.server.command(["RPUSH", name, "an operator's"])
                let error = await #expect(throws: StoreError.self) { try await writer.append(to: fixture.watched) }
                #expect(error?.reason == .corrupt)
                #expect(error?.committed == .no)
                #expect(try fixture.server.command(["TYPE", name]) == "list")
            }
        }
    }

    /// F31: a log that somebody cut, lengthened or changed.
    @Test(arguments: ["cut", "longer", "flipped", "overwritten"])
    func `a damaged log is corrupt to readers, and names the revision`(damage: String) async throws {
        try await FaultFixture.run(expecting: .honest) { fixture in
            var writer = AuditedWriter(key, size: 200)
            for _ in 0..<5 { try await writer.append(to: fixture.watched) }
            let log = StoredKeys(key).logKey
            let length = try #require(Int(fixture.server.command(["STRLEN", log])))
            switch damage {
            case "cut":
                let whole = try fixture.server.replies(to: [
                    [ByteBuffer(string: "GETRANGE")] + [log, "0", "\(length - 9)"].map { ByteBuffer(string: $0) }
                ])
                guard case .bytes(let bytes) = whole[0] else { return }
                _ = try fixture.server.replies(to: [[ByteBuffer(string: "SET"), ByteBuffer(string: log), bytes]])
            case "longer": try fixture.server.command(["APPEND", log, "foreign"])
            case "flipped":
                try fixture.server.command(["SETBIT", log, "\(8 * (length / 2))", "1"])
                try fixture.server.command(["SETBIT", log, "\(8 * (length / 2) + 1)", "1"])
                try fixture.server.command(["SETBIT", log, "\(8 * (length / 2) + 2)", "1"])
            default: try fixture.server.command(["SETRANGE", log, "\(length / 3)", "an operator's words"])
            }
            let error = await #expect(throws: StoreError.self) {
                _ = try await fixture.watched.load(self.key, after: nil)
            }
            #expect(error?.reason == .corrupt)
            #expect(error?.message.contains("revision") == true)
            let report = try await fixture.report()
            #expect(report.admitted == 5)
        }
    }

    /// F33: the server's wall clock jumps.
    @Test func `a server's clock that jumps changes no order, and ends no session that had more time left`()
        async throws
    {
        var options = RedisServer.Options()
        options.clock = .manual
        try await FaultFixture.run(options) { fixture in
            try fixture.server.requirePromptClock()
            let lived = RedisStore(sender: fixture.client, lifetime: .idle(.seconds(2 * 3600)))
            let watched = fixture.auditor.watching(lived)
            var writers = FaultFixture.keys(3).map { AuditedWriter($0) }
            for jump in [0, 3600, -3600, -3600, 3600, 3600] {
                try fixture.server.advance(by: .seconds(jump))
                for index in writers.indices { try await writers[index].append(to: watched) }
            }
            for writer in writers {
                guard case .tail(let log) = try await watched.load(writer.key, after: nil) else {
                    Issue.record("\(writer.key) is gone")
                    continue
                }
                #expect(log.map(\.position.revision.rawValue) == Array(1...6))
                #expect(writer.conflicts == 0)
            }
            #expect(fixture.client.statistics.replyTimeouts == 0)
        }
    }

    /// F33: the wall clock of a process that uses the store jumps.
    @Test func `a client's clock that jumps neither ends an operation early nor keeps one waiting`() async throws {
        try await FaultFixture.run { fixture in
            let folder = try TemporaryFolder.make()
            defer { TemporaryFolder.remove(folder) }
            let clock = try ServerClock(folder: folder)
            let appends = 300
            let url = "redis+unix://\(fixture.server.socketPath)"
            let process = try WriterProcess(url, key, tasks: 1, appends: appends, environment: clock.environment)
            try await process.begin()
            try process.proceed()
            let log = StoredKeys(key).logKey
            for jump in [3600, -7200] {
                let before = try fixture.server.command(["STRLEN", log])
                try clock.advance(by: .seconds(jump))
                try await eventually { try fixture.server.command(["STRLEN", log]) != before }
            }
            let conclusion = try await process.next("done", auditor: fixture.auditor)
            #expect(conclusion == "0 clean")
            let report = try await fixture.report()
            #expect(report.acknowledged == appends)
        }
    }
}
