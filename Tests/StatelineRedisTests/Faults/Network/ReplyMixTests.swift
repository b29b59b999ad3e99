import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Stateline
import StatelineLoad
import StatelineTesting
import Testing

@testable import StatelineRedis

extension NetworkFaultTests {
    /// F9, F10: replies that come to nobody, or would come to the wrong one.
    @Suite struct ReplyMixTests {
        /// F9, the cancel storm: nobody gets another's reply, and no neighbour of who is cancelled fails.
        ///
        /// 10,000 with `STATELINE_SOAK`, or else 2,000; the same is done with 10,000 commands of one connection
        /// elsewhere.
        @Test func `of the operations of two tenants three in ten are cancelled, and no reply goes astray`()
            async throws
        {
            let seed = UInt64.random(in: 0 ... .max)
            let turns = RedisServer.isSoak ? 200 : 40
            let tenants = ["acme", "evil"].map { Tenant(rawValue: $0) }
            try await ProxyFixture.run { fixture in
                let store = try fixture.store()
                var sessions: [(auditor: SessionAudit, writer: Appender)] = []
                for tenant in tenants {
                    for number in 0..<25 {
                        sessions.append(try await fixture.audit("\(number)", on: store, tenant: tenant))
                    }
                }
                fixture.proxy.resetCounts()
                let counts = NIOLockedValueBox((operations: 0, cancelled: 0, collateral: [String]()))
                await withTaskGroup(of: Void.self) { group in
                    for (index, session) in sessions.enumerated() {
                        group.addTask {
                            var random = SeededGenerator(seed: seed &+ UInt64(index))
                            var writer = session.writer
                            for turn in 0..<turns {
                                let isVictim = Int.random(in: 0..<10, using: &random) < 3
                                let yields = Int.random(in: 0..<6, using: &random)
                                let (before, isWrite) = (writer, turn % 4 == 0)
                                let task = Task { () -> (Appender, String?) in
                                    var writer = before
                                    if isWrite {
                                        let step = await writer.append()
                                        return (writer, step.isAcknowledged ? nil : "\(step)")
                                    }
                                    do {
                                        try await session.auditor.read(from: store)
                                        return (writer, nil)
                                    } catch {
                                        return (writer, "\(error)")
                                    }
                                }
                                if isVictim {
                                    for _ in 0..<yields { await Task.yield() }
                                    task.cancel()
                                }
                                let (after, failure) = await task.value
                                writer = after
                                counts.withLockedValue { counts in
                                    counts.operations += 1
                                    if isVictim { counts.cancelled += 1 }
                                    if let failure, !isVictim { counts.collateral.append(failure) }
                                }
                            }
                            expectAcknowledged(await writer.commit())
                        }
                    }
                }
                let (operations, cancelled, collateral) = counts.withLockedValue(\.self)
                #expect(operations == 50 * turns)
                #expect(cancelled > 10 * turns)
                #expect(collateral == [], "seed \(seed)")
                // Digests bind batches to their session: a stray reply would have been a corrupt log.
                for session in sessions { try await session.auditor.verify(with: store) }
                // A cancelled request costs no connection.
                #expect(fixture.proxy.counts.connections <= 1)
            }
        }

        /// F10: replies that are swapped, doubled, lost, or no replies.
        @Test(arguments: [
            RequestFault.Action.swapReplyWithNext, .duplicateReply, .dropReply,
            .insertBeforeReply(ByteBuffer(string: "$3\r\nabcX\n")), .insertBeforeReply(ByteBuffer(string: "+OK\r\n")),
            .insertBeforeReply(ByteBuffer(bytes: [0xFF, 0, 13, 10])), .cutInReply(after: 5),
        ])
        func `replies out of step end the connection, and nobody believes them`(action: RequestFault.Action)
            async throws
        {
            try await ProxyFixture.run { fixture in
                let store = try fixture.store(timeout: .milliseconds(500))
                var sessions: [(auditor: SessionAudit, writer: Appender)] = []
                for number in 0..<6 {
                    let tenant = Tenant(rawValue: number % 2 == 0 ? "acme" : "evil")
                    sessions.append(try await fixture.audit("\(number)", on: store, tenant: tenant))
                }
                for skipped in stride(from: 3, to: 150, by: 30) {
                    fixture.proxy.add(RequestFault(action, command: "EVALSHA", skipped: skipped))
                }
                await withTaskGroup(of: Void.self) { group in
                    for session in sessions {
                        group.addTask {
                            var writer = session.writer
                            for turn in 0..<20 {
                                expectAcknowledged(await writer.commit())
                                if turn % 2 == 0 { try? await session.auditor.read(from: store) }
                            }
                        }
                    }
                }
                #expect(fixture.proxy.counts.faults == 5)
                fixture.proxy.mend()
                for session in sessions {
                    let report = try await session.auditor.verify(with: store)
                    #expect(report.revisions == 21)
                }
            }
        }

        /// F10, without a client between store and connection: the connection itself judges each reply.
        @Test(arguments: [RequestFault.Action.swapReplyWithNext, .duplicateReply, .dropReply])
        func `a store over a bare connection ends one that is out of step`(action: RequestFault.Action) async throws {
            try await ProxyFixture.run { fixture in
                let connection = try await RedisConnection.connect(
                    to: .host("127.0.0.1", port: fixture.proxy.port),
                    configuration: .init(),
                    on: MultiThreadedEventLoopGroup.singleton.next(),
                    deadline: .now() + .seconds(10)
                )
                let store = RedisStore(sender: connection, timeout: .milliseconds(500))
                var sessions: [(audit: SessionAudit, writer: Appender)] = []
                for number in 0..<4 { sessions.append(try await fixture.audit("\(number)", on: store)) }
                fixture.proxy.add(RequestFault(action, command: "EVALSHA", skipped: 2))
                let failures = await withTaskGroup(of: StoreError?.self, returning: [StoreError].self) { group in
                    for session in sessions {
                        group.addTask {
                            var writer = session.writer
                            for _ in 0..<3 { if let failure = await writer.append().failure { return failure } }
                            return nil
                        }
                    }
                    return await group.reduce(into: []) { if let failure = $1 { $0.append(failure) } }
                }
                let mismatches = failures.filter { $0.message == RedisError.outOfStep.message }
                #expect(mismatches.contains { $0.committed == .unknown })
                try await eventually { !connection.isOpen }
                await connection.closed()
                let other = try fixture.store()
                for session in sessions { try await session.audit.verify(with: other) }
            }
        }

        /// F10: an error carries no nonce, but to the text of a script no server says that it does not know it.
        @Test func `a stray error is not taken for the answer to a commit that was executed`() async throws {
            try await ProxyFixture.run { fixture in
                let store = try fixture.store()
                var (audit, writer) = try await fixture.audit(on: store)
                let stray = ByteBuffer(string: "-NOSCRIPT No matching script. Please use EVAL.\r\n")
                try fixture.server.command(["SCRIPT", "FLUSH"])
                fixture.proxy.add(RequestFault(.insertBeforeReply(stray), command: "EVAL"))
                let step = await writer.append()
                #expect(step == .duplicate(.primary))
                #expect(fixture.proxy.counts.faults == 1)
                let report = try await audit.verify(with: store)
                #expect(report.revisions == 2)
            }
        }
    }
}
