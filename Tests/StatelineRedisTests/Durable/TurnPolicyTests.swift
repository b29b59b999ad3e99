import Foundation
import StatelineRedis
import StatelineTesting
import Testing

@testable import Stateline

/// Turns of four processes on one session at the same time, under each policy, on a real server.
@Suite struct TurnPolicyTests {
    /// The number of turns of each process: 16 with `STATELINE_SOAK=1`.
    static let turnCount = ProcessInfo.processInfo.environment["STATELINE_SOAK"] == nil ? 4 : 16
    static let processCount = 4

    /// One line of a process for one turn.
    struct Line {
        let isDone: Bool
        let session: String
        let turn: TurnID?
        let prompt: String
        let rest: String

        init?(_ line: String) {
            let parts = line.split(separator: ": ", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { return nil }
            let words = parts[0].split(separator: " ").map(String.init)
            isDone = words.first == "done"
            session = isDone ? words[1] : ""
            turn = isDone ? UInt128(words[2]).map { TurnID(rawValue: $0) } : nil
            prompt = words.last ?? ""
            rest = parts[1]
        }
    }

    private func race(_ session: CrashSession, _ policy: String) async throws -> [Line] {
        // The session exists, so that its creation is no part of the race.
        let store = RedisStore(try RedisURL(session.url))
        _ = try await Boundary(store: store).session(SessionKey(session.id), model: FunctionModel { _ in .text("") })
        await store.close()
        let runs = try (0..<Self.processCount)
            .map { try session.start("plain\($0)", policy: policy, count: Self.turnCount) }
        var lines: [Line] = []
        for run in runs { lines += await run.lines().compactMap(Line.init) }
        #expect(lines.count == Self.processCount * Self.turnCount)
        return lines
    }

    private func log(_ session: CrashSession) async throws -> (batches: [Batch], snapshot: Snapshot) {
        let store = RedisStore(try RedisURL(session.url))
        guard case .tail(let encoded) = try await store.load(SessionKey(session.id), after: nil) else {
            throw SessionError.cancelled()
        }
        await store.close()
        let snapshot = try Snapshot.folding(encoded, of: SessionKey(session.id), dialect: EntryDialect())
        return (try encoded.map { try $0.decoded().batch }, snapshot)
    }

    private func prompts(_ snapshot: Snapshot) -> [String] {
        snapshot.transcript.compactMap { if case .prompt = $0.content { $0.text } else { nil } }
    }

    private func answers(_ snapshot: Snapshot) -> [String] {
        snapshot.transcript.compactMap { if case .response = $0.content { $0.text } else { nil } }
    }

    @Test func `enqueue answers every turn, in the order of arrival`() async throws {
        try await CrashSession.run { session in
            let lines = try await race(session, "enqueue")
            #expect(lines.allSatisfy { $0.isDone && $0.rest == "answer to \($0.prompt)" })
            let (batches, snapshot) = try await log(session)
            #expect(Set(prompts(snapshot)) == Set(lines.map(\.prompt)))
            #expect(answers(snapshot) == prompts(snapshot).map { "answer to \($0)" })
            let arrivals = batches.filter { if case .queued = $0.record { true } else { false } }.map(\.turn)
            let openings = batches.filter { if case .opened = $0.record { true } else { false } }.map(\.turn)
            #expect(arrivals == openings.filter(Set(arrivals).contains), "no turn overtakes another")
        }
    }

    @Test func `reject answers some turns and refuses the others before they pay`() async throws {
        try await CrashSession.run { session in
            let lines = try await race(session, "reject")
            let done = lines.filter(\.isDone)
            #expect(!done.isEmpty)
            #expect(lines.filter { !$0.isDone }.allSatisfy { $0.rest == "turn_is_open" })
            let snapshot = try await log(session).snapshot
            #expect(Set(prompts(snapshot)) == Set(done.map(\.prompt)))
            #expect(answers(snapshot) == prompts(snapshot).map { "answer to \($0)" })
            let journal = try String(contentsOf: session.journal, encoding: .utf8).split(separator: "\n")
            #expect(journal.count == done.count)
        }
    }

    @Test func `supersede keeps one history, and what was lost is in the log or the error`() async throws {
        try await CrashSession.run { session in
            let lines = try await race(session, "supersede")
            let done = lines.filter(\.isDone)
            #expect(!done.isEmpty)
            #expect(lines.filter { !$0.isDone }.allSatisfy { $0.rest.hasPrefix("superseded") })
            let snapshot = try await log(session).snapshot
            #expect(Set(prompts(snapshot)) == Set(done.map(\.prompt)))
            #expect(answers(snapshot) == prompts(snapshot).map { "answer to \($0)" })
        }
    }

    @Test func `branch answers every turn, in the session or in a fork`() async throws {
        try await CrashSession.run { session in
            let lines = try await race(session, "branch")
            #expect(lines.allSatisfy { $0.isDone && $0.rest == "answer to \($0.prompt)" })
            let snapshot = try await log(session).snapshot
            let own = lines.filter { $0.session == session.id }
            #expect(Set(prompts(snapshot)) == Set(own.map(\.prompt)))
            let store = RedisStore(try RedisURL(session.url))
            for line in lines where line.session != session.id {
                let fork = try await Boundary(store: store)
                    .session(
                        SessionKey(session.id).fork(line.session),
                        model: FunctionModel { _ in .text("") },
                        opening: .resume
                    )
                #expect(fork.transcript.suffix(2).map(\.text) == [line.prompt, "answer to \(line.prompt)"])
            }
            await store.close()
        }
    }

    @Test func `steer brings every prompt into the history once, between two steps`() async throws {
        try await CrashSession.run { session in
            let lines = try await race(session, "steer")
            #expect(lines.allSatisfy { $0.isDone })
            let snapshot = try await log(session).snapshot
            #expect(prompts(snapshot).sorted() == lines.map(\.prompt).sorted())
            for line in lines {
                let turn = try #require(line.turn)
                let ended = try #require(snapshot.turns?.ended(turn))
                #expect(
                    snapshot.entries(ended.entries).contains { $0.text == line.prompt },
                    "the turn that took it has it"
                )
            }
            #expect(snapshot.transcript.last.map { if case .response = $0.content { true } else { false } } == true)
        }
    }
}
