import Foundation
import NIOPosix
import Stateline
import StatelineLoad
import StatelineTesting
import Testing

@testable import StatelineRedis

/// Servers that are there and do not answer, or not yet.
@Suite(.serialized) struct FrozenFaultTests {
    private let key = SessionKey("patient", tenant: "faults")

    /// F18: SIGSTOP, DEBUG SLEEP.
    @Test(arguments: ["SIGSTOP", "DEBUG SLEEP"])
    func `a frozen server is an unknown outcome at the deadline, and the same batch tells when it goes on`(
        freeze: String
    ) async throws {
        try await FaultFixture.run { fixture in
            let watched = fixture.watched
            let hurried = RedisStore(sender: fixture.client, timeout: .milliseconds(700))
            let hurriedWatched = fixture.auditor.watching(hurried)
            var log = LogWriter(key)
            for text in ["one", "two"] {
                let position = log.position
                _ = try await watched.append(log.append(.prompt(text)), to: key, expecting: position)
            }
            let position = log.position
            let batch = log.append(.prompt("three"))
            // It has asked the server all that it asks once.
            try await eventually { (try? await hurried.load(key, after: position)) == .current }
            try await withThrowingTaskGroup(of: Void.self) { group in
                if freeze == "SIGSTOP" {
                    await fixture.server.pause()
                } else {
                    group.addTask {
                        _ = try await fixture.blocking { try $0.command(["DEBUG", "SLEEP", "2.5"]) }
                    }
                    // It sleeps when a question of ours stays without an answer.
                    try await eventually {
                        (try? await hurried.load(key, after: position)) == nil
                    }
                }
                let error = await #expect(throws: StoreError.self) {
                    _ = try await hurriedWatched.append(batch, to: self.key, expecting: position)
                }
                #expect(error?.reason == .unavailable)
                #expect(error?.committed == .unknown, "\(error.map { "\($0)" } ?? "")")
                fixture.server.resume()
                try await group.waitForAll()
            }
            let result = try await watched.append(batch, to: key, expecting: position)
            #expect(result == .committed(.primary) || result == .duplicate(.primary))
            let report = try await fixture.report()
            #expect(report.acknowledged == 3)
            #expect(report.unknown == 0)
        }
    }

    /// F18: the caller has less time than the store, and its calls are to be recorded apart.
    ///
    /// A turn that waited for the store would exceed the limit of time.
    @Test(.timeLimit(.minutes(5)))
    func `a turn that fails on a frozen server ends at the caller's deadline`() async throws {
        try await FaultFixture.run { fixture in
            let store = fixture.auditor.watching(RedisStore(sender: fixture.client, timeout: .seconds(600)))
            let model = FunctionModel { _ in
                await fixture.server.pause()
                throw ModelError.rateLimited(retryAfter: nil, message: "no")
            }
            let boundary = Boundary(store: store)
            let session = try await boundary.session(
                key,
                model: model,
                configuration: SessionConfiguration(retries: .none, commitTimeout: .milliseconds(300))
            )
            await #expect(throws: SessionError.self) { try await session.respond(to: "first") }
            #expect(boundary.unrecordedCalls.waiting == 1)
            fixture.server.resume()
            #expect(await session.flushLedger())
            #expect(try await session.ledger().count == 1)
        }
    }

    /// F18: the caller has less time than the store.
    ///
    /// A commit that waited for the store would exceed the limit of time.
    @Test(.timeLimit(.minutes(5)))
    func `a commit on a frozen server ends at the caller's deadline, and its draft is committed once`() async throws {
        try await FaultFixture.run { fixture in
            let store = fixture.auditor.watching(RedisStore(sender: fixture.client, timeout: .seconds(600)))
            var configuration = SessionConfiguration()
            configuration.commitTimeout = .milliseconds(300)
            let boundary = Boundary(store: store)
            let model = ScriptedModel([.text("one"), .text("two")])
            let session = try await boundary.session(key, model: model, configuration: configuration)
            try await session.respond(to: "first")
            await fixture.server.pause()
            let error = await #expect(throws: SessionError.self) { try await session.respond(to: "second") }
            fixture.server.resume()
            guard case .notCommitted(let failure)? = error, case .store(let reason) = failure.reason else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reason.committed == .unknown)
            #expect(failure.draft.answer == "two")
            try await session.commit(failure.draft)
            #expect(session.transcript.map(\.text) == ["first", "one", "second", "two"])
            let reader = try await Boundary(store: store).session(key, model: model, opening: .resume)
            #expect(reader.transcript == session.transcript)
            #expect(try await reader.ledger().count == 2)
        }
    }

    /// F20: LOADING.
    @Test func `a server that loads its data is waited for within the deadline`() async throws {
        var options = RedisServer.Options()
        options.arguments = ["--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024"]
        try await FaultFixture.run(options) { fixture in
            var writer = AuditedWriter(key)
            try await writer.append(to: fixture.watched)
            let script = "for i = 1, 600 do redis.call('SET', 'filler' .. i, string.rep('x', 1000)) end"
            try fixture.server.command(["EVAL", script, "0"])
            try fixture.server.command(["SAVE"])
            await fixture.server.kill()
            async let restarted: Void = fixture.server.restart()
            var refusals = 0
            while writer.written < 2 {
                do { try await writer.append(to: fixture.watched) } catch let error as StoreError {
                    #expect(error.reason == .unavailable && error.committed == .no, "\(error)")
                    refusals += 1
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
            try await restarted
            #expect(fixture.client.statistics.retries > 0, "it was never seen loading; refused \(refusals) times")
        }
    }

    /// F20: BUSY.
    @Test func `a server that a script keeps busy is waited for within the deadline`() async throws {
        var options = RedisServer.Options()
        options.arguments = ["--busy-reply-threshold", "10"]
        try await FaultFixture.run(options) { fixture in
            var writer = AuditedWriter(key)
            try await writer.append(to: fixture.watched)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    _ = try? await fixture.blocking { try $0.command(["EVAL", "while true do end", "0"]) }
                }
                try await eventually {
                    do { try fixture.server.command(["GET", "x"]) } catch let error as RedisServerError {
                        return error.message.hasPrefix("BUSY")
                    }
                    return false
                }
                var late = writer
                group.addTask { try await late.append(to: fixture.watched) }
                try await eventually { fixture.client.statistics.retries > 0 }
                try fixture.server.command(["SCRIPT", "KILL"])
                try await group.waitForAll()
            }
            let report = try await fixture.report()
            #expect(report.acknowledged == 2)
            #expect(report.unknown == 0)
        }
    }
}
