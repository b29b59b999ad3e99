import NIOCore
import Stateline
import StatelineLoad
import Testing

@testable import StatelineRedis
@testable import StatelineTesting

extension NetworkFaultTests {
    /// F5, F6, F7: the outcome of what was sent is not known to who sent it.
    @Suite struct LostReplyTests {
        /// How a server keeps its client waiting.
        enum Stall: String, CaseIterable {
            case clientPause = "CLIENT PAUSE"
            case debugSleep = "DEBUG SLEEP"
            case stopped = "SIGSTOP"
        }

        /// What the client's connection does meanwhile.
        enum Meanwhile: String, CaseIterable {
            case closes = "FIN"
            case resets = "RST"
            case staysOpen = "keep-open"
        }

        /// F6, the matrix of ghost writes: whatever the server made of the first attempts, the batch is there once.
        @Test(arguments: Stall.allCases, Meanwhile.allCases)
        func `a batch that timed out is in the log once, when it is sent again`(
            stall: Stall,
            meanwhile: Meanwhile
        ) async throws {
            try await ProxyFixture.run { fixture in
                let store = try fixture.store()
                var (auditor, writer) = try await fixture.audit(on: store)
                let hurried = try fixture.store(timeout: .milliseconds(300))
                // Its connection stands before the server does.
                try await eventually { await hurried.loaded(auditor.key, after: writer.position) == "current" }
                writer.use(hurried)
                let before = fixture.proxy.counts.commands["EVALSHA", default: 0]
                let slept: EventLoopFuture<[RedisReply]>?
                switch stall {
                case .clientPause:
                    try fixture.server.command(["CLIENT", "PAUSE", "60000", "WRITE"])
                    slept = nil
                case .debugSleep:
                    let words = ["DEBUG", "SLEEP", "1.5"].map(ByteBuffer.init(string:))
                    slept = fixture.server.administrator.exchange([words], within: .seconds(10))
                    // Asleep, before anything else is sent to it.
                    try await eventually { await !Self.answers(fixture.server, within: .milliseconds(200)) }
                case .stopped:
                    await fixture.server.pause()
                    slept = nil
                }
                async let step = writer.append()
                // It is on its way to a server that does not answer.
                try await eventually { fixture.proxy.counts.commands["EVALSHA", default: 0] > before }
                switch meanwhile {
                case .closes: await fixture.proxy.cut(.close)
                case .resets: await fixture.proxy.cut(.reset)
                case .staysOpen: break
                }
                let failure = await step.failure
                #expect(failure?.reason == .unavailable)
                #expect(failure?.committed == .unknown)
                switch stall {
                case .clientPause: try fixture.server.command(["CLIENT", "UNPAUSE"])
                case .debugSleep: _ = try await slept?.get()
                case .stopped: fixture.server.resume()
                }
                writer.use(store)
                expectAcknowledged(await writer.commit())
                expectAcknowledged(await writer.commit())
                let report = try await auditor.verify(with: store)
                #expect(report.revisions == 3)
                #expect(report.unknown > 0)
            }
        }

        private static func answers(_ server: RedisServer, within limit: TimeAmount) async -> Bool {
            let ping = server.administrator.exchange([[ByteBuffer(string: "PING")]], within: limit)
            return (try? await ping.get()) != nil
        }

        /// F7: each reply of a session's life is lost once, on a connection that ends, and nothing is different.
        @Test(arguments: [RequestFault.Ending.close, .reset])
        func `whichever reply is lost, each operation comes to the same`(ending: RequestFault.Ending) async throws {
            try await ProxyFixture.run { fixture in
                var expected: [String] = []
                var number = 0
                while true {
                    let store = try fixture.store()
                    fixture.proxy.mend()
                    fixture.proxy.resetCounts()
                    if number > 0 {
                        fixture.proxy.add(RequestFault(.cutBeforeReply, ending: ending, skipped: number - 1))
                    }
                    let results = try await Self.life(on: store, id: "\(ending) \(number)")
                    if number == 0 { expected = results }
                    #expect(results == expected, "without reply \(number)")
                    // Behind the last request there is none to lose.
                    guard number == 0 || fixture.proxy.counts.faults == 1 else { break }
                    number += 1
                }
                #expect(number > 9)
                #expect(
                    expected == [
                        "in the log", "in the log", "in the log", "tail of 3", "tail of 1", "current", "forked",
                        "tail of 3", "deleted", "gone, deleted",
                    ]
                )
            }
        }

        /// All operations on a session.
        private static func life(on store: RedisStore, id: String) async throws -> [String] {
            var results: [String] = []
            var log = ExpectedLog(SessionKey(id))
            for _ in 0..<3 {
                let position = log.position
                let batch = log.append()
                let result = try await certain { () async throws(StoreError) in
                    try await store.append(batch, to: log.key, expecting: position)
                }
                results.append(result.text)
            }
            for revision in [nil, 2, 3] {
                results.append(try await loaded(log.key, after: revision.map { log.positions[$0] }, from: store))
            }
            let fork = log.fork(as: id + " fork", at: 2)
            let made = try await certain { () async throws(StoreError) in
                try await store.fork(log.key, at: log.positions[2], to: fork.key, first: fork.batches[2])
            }
            results.append(made == .duplicate ? "forked" : "\(made)")
            results.append(try await loaded(fork.key, from: store))
            // Of a deletion that is asked for again nobody can say who made it.
            let deleted = try await certain { () async throws(StoreError) in
                try await store.delete(log.key, expecting: log.position)
            }
            results.append(deleted == .gone(.deleted) ? "deleted" : "\(deleted)")
            results.append(try await loaded(log.key, from: store))
            return results
        }

        private static func loaded(
            _ key: SessionKey,
            after position: Position? = nil,
            from store: RedisStore
        ) async throws -> String {
            var text = ""
            try await eventually {
                text = await store.loaded(key, after: position)
                return text != "unavailable, committed: no"
            }
            return text
        }

        /// Asks again where nothing was sent: where a connection could not be made, a caller is told at once.
        private static func certain<Value>(_ body: () async throws(StoreError) -> Value) async throws -> Value {
            while true {
                do throws(StoreError) { return try await body() } catch {
                    guard error.committed == .no, error.reason == .unavailable else { throw error }
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
        }

        /// A reply is lost, and the same request is refused over the next connection: the refusal says nothing of the
        /// first attempt.
        @Test(arguments: [
            ("OOM command not allowed when used memory > 'maxmemory'.", StoreError.Reason.full),
            ("NOPERM this user has no permissions to run the 'evalsha' command", .denied),
            ("MISCONF Redis is configured to save RDB snapshots", .unavailable),
        ])
        func `a commit whose reply was lost is of unknown outcome if the next attempt is refused`(
            refusal: String,
            reason: StoreError.Reason
        ) async throws {
            try await ProxyFixture.run { fixture in
                let store = try fixture.store()
                var (auditor, writer) = try await fixture.audit(on: store)
                expectAcknowledged(await writer.commit())
                fixture.proxy.resetCounts()
                fixture.proxy.add(RequestFault(.cutBeforeReply, command: "EVALSHA"))
                let answer = ByteBuffer(string: "-\(refusal)\r\n")
                fixture.proxy.add(RequestFault(.answer(answer), command: "EVALSHA"))
                let failure = await writer.append().failure
                #expect(fixture.proxy.counts.faults == 2)
                #expect(failure?.reason == reason)
                #expect(failure?.committed == .unknown)
                let outcome = await writer.append()
                #expect(outcome == .duplicate(.primary))
                let report = try await auditor.verify(with: store)
                #expect(report.revisions == 3)
            }
        }

        /// F5: the server dies after a commit, before its reply.
        @Test func `a commit whose server died before it answered is a duplicate`() async throws {
            var options = RedisServer.Options()
            options.appendOnly = true
            try await ProxyFixture.run(options) { fixture in
                let store = try fixture.store()
                var (auditor, writer) = try await fixture.audit(on: store)
                for _ in 0..<3 {
                    // A server that began anew does not know the script: the reply that is lost is not to be that.
                    expectAcknowledged(await writer.commit())
                    fixture.proxy.resetCounts()
                    fixture.proxy.add(RequestFault(.cutBeforeReply, command: "EVALSHA"))
                    async let step = writer.append()
                    // It was executed: its reply has come, and has been lost. More come once the client has connected
                    // anew.
                    try await eventually { fixture.proxy.counts.faults == 1 && fixture.proxy.counts.replies > 0 }
                    try await fixture.server.restart()
                    let outcome = await step
                    #expect(outcome == .duplicate(.primary))
                }
                let report = try await auditor.verify(with: store)
                #expect(report.revisions == 7)
            }
        }
    }
}
