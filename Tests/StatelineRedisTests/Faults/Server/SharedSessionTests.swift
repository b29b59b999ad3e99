import Foundation
import Stateline
import StatelineLoad
import StatelineTesting
import Testing

@testable import StatelineRedis

/// Two processes take turns on one session, and calls fail between: no paid answer is lost.
@Suite(.serialized, .timeLimit(.minutes(20))) struct SharedSessionTests {
    private let key = SessionKey("shared", tenant: "faults")
    /// 1,000 turns with `STATELINE_SOAK`, or else 100.
    private static let count = ProcessInfo.processInfo.environment["STATELINE_SOAK"] != nil ? 1000 : 100

    @Test func `of two processes that take turns with failing calls between no answer is lost`() async throws {
        try await withServer { store, url in
            let writer = try await TurnWriter(key, name: "here", store: store)
            let process = try await start(url, "turns")
            let outcome = try await writer.write(Self.count)
            let other = try await process.next("done", auditor: AppendAuditor())
            print("turns of two processes: here \(outcome), there \(other)")
            #expect(outcome.committed + outcome.merged == Self.count)
            let session = try await session(in: store)
            for name in ["here", "there"] {
                let prompts = session.transcript.map(\.text).filter { $0.hasPrefix(name) }
                #expect(prompts == (0..<Self.count).map { "\(name)-\($0)" })
            }
            #expect(session.transcript.count == 4 * Self.count)
            #expect(try await session.ledger().count == 4 * Self.count)
        }
    }

    @Test func `no answer is refused because calls of another process fail`() async throws {
        try await withServer { store, url in
            let writer = try await TurnWriter(key, name: "here", store: store)
            let process = try await start(url, "failures")
            let outcome = try await writer.ask(Self.count)
            let other = try await process.next("done", auditor: AppendAuditor())
            print("turns beside failing calls: here \(outcome), there \(other)")
            #expect(outcome.committed == Self.count)
            let session = try await session(in: store)
            #expect(session.transcript.count == 2 * Self.count)
            #expect(try await session.ledger().count == 2 * Self.count)
        }
    }

    /// Runs a server, and a store of its own connections for this process.
    private func withServer(_ body: (RedisStore, String) async throws -> Void) async throws {
        try await RedisServer.run { server in
            let url = "redis+unix://\(server.socketPath)"
            let store = RedisStore(try RedisURL(url))
            do { try await body(store, url) } catch {
                await store.close()
                throw error
            }
            await store.close()
        }
    }

    private func start(_ url: String, _ work: String) async throws -> WriterProcess {
        let process = try WriterProcess(url, key, tasks: 1, appends: Self.count, work: work)
        try await process.begin()
        return process
    }

    private func session(in store: RedisStore) async throws -> ModelSession {
        try await Boundary(store: store).session(key, model: FunctionModel { _ in .text("unused") })
    }
}
