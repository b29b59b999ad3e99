import NIOCore
import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

@testable import Stateline

@Suite struct CompactionTests {
    let memory = MemoryStore()
    var boundary: Boundary { Boundary(store: memory) }

    /// Opens a session with a history.
    private func session(
        _ history: [Entry],
        model: LineModel = LineModel([]),
        instructions: String? = nil
    ) async throws -> ModelSession {
        try await boundary.session(SessionKey("s"), model: model, instructions: instructions, history: history)
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `a rewind undoes a compaction byte for byte, here and in other processes`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let history = RandomHistory(using: &random, hasTurn: false)
        let session = try await session(history.entries)
        let before = session.snapshot
        guard let compaction = try await session.compact(with: [RandomHistory.strategy(using: &random)]) else {
            #expect(session.transcript == before.transcript)
            return
        }
        #expect(session.snapshot.position.revision == compaction.revision)
        #expect(session.transcript.count == compaction.entriesAfter)
        #expect(strictFault(of: session.transcript) == nil, "seed \(seed)")
        let cold = try await boundary.session("s", opening: .resume)
        #expect(cold.transcript == session.transcript)
        #expect(cold.snapshot.head == session.snapshot.head)
        #expect(cold.snapshot.rendering.bytes == session.snapshot.rendering.bytes)
        try await session.respond(to: "next")
        try await session.rewind(to: compaction.previousRevision)
        #expect(session.transcript == before.transcript)
        #expect(session.snapshot.rendering.bytes == before.rendering.bytes, "seed \(seed)")
    }

    @Test func `the request after a compaction counts as sent again what both begin with`() async throws {
        let model = LineModel([])
        let session = try await session(ContextPlanTests.history, model: model)
        try await session.respond(to: "p3")
        let compaction = try #require(try await session.compact(with: [.dropCompletedToolCalls(keepingLast: 0)]))
        let response = try await session.respond(to: "p4")
        let (before, after) = (model.bodies[0], model.bodies[1])
        let common = zip(before, after).prefix { $0 == $1 }.count
        #expect(response.trace.crossings[0].sentAgainBytes == common)
        #expect(response.trace.prefix == .broken(at: common))
        #expect(compaction.keptPrefixBytes <= common)
        #expect(compaction.keptPrefixBytes == "begin\ninstructions:Be brief.\nprompt:p0\n".utf8.count)
        #expect(compaction.bytesBefore - compaction.bytesAfter > 0)
        #expect(compaction.savedTokens > 0)
        // Whole entries that the newest request carried, for a process that does not have it.
        let cold = try await boundary.session("s", opening: .resume)
        #expect(cold.snapshot.head == session.snapshot.head)
    }

    @Test func `a cold handle counts no more as sent again than the compacted view kept`() async throws {
        let model = LineModel([])
        let session = try await session(ContextPlanTests.history, model: model)
        try await session.respond(to: "p3")
        try await session.compact(with: [.rollingWindow(turns: 1)])
        let other = LineModel([])
        let cold = try await boundary.session(SessionKey("s"), model: other, opening: .resume)
        let response = try await cold.respond(to: "p4")
        let common = zip(model.bodies[0], other.bodies[0]).prefix { $0 == $1 }.count
        #expect(response.trace.crossings[0].sentAgainBytes <= common)
        #expect(response.trace.crossings[0].sentAgainBytes >= "begin\ninstructions:Be brief.\n".utf8.count)
    }

    @Test func `a summary is a crossing of its own, with the route of its model`() async throws {
        let session = try await session(ContextPlanTests.history.map { $0.lengthened })
        try await session.respond(to: "p3")
        let summarizer = LineModel([.text("They talked.")], name: "small")
        let compaction = try #require(try await session.compact(with: [.summarize(with: summarizer)]))
        let ledger = try await session.ledger()
        #expect(ledger.map(\.route.model) == ["lines", "small"])
        #expect(compaction.crossings == [ledger[1]])
        #expect(ledger[1].outcome == .answered(.stop))
        #expect(ledger[1].usage?.output.totalTokenCount == 7)
        #expect(ledger[1].newBytes == summarizer.bodies[0].count && ledger[1].sentAgainBytes == 0)
        let sent = String(decoding: summarizer.bodies[0], as: UTF8.self)
        #expect(sent.contains("User: p0") && sent.contains("look returned: out b") && !sent.contains("User: p2"))
        #expect(session.transcript.map(\.text)[1...2] == [Summarizer.compaction("They talked.").text, "Understood."])
        // The next summary takes the first one in.
        try await session.respond(to: "p4 " + String(repeating: "long ", count: 200))
        let second = LineModel([.text("More.")])
        try await session.compact(with: [.summarize(with: second, keepingLast: 1)])
        #expect(String(decoding: second.bodies[0], as: UTF8.self).contains("They talked."))
    }

    @Test func `a summary that fails is in the ledger, and nothing else changes`() async throws {
        let session = try await session(ContextPlanTests.history)
        try await session.respond(to: "p3")
        let before = session.transcript
        let error = ModelError.overloaded(retryAfter: nil, message: "busy")
        let summarizer = LineModel([LineModel.Reply(refused: error)], name: "small")
        await #expect(throws: SessionError.model(error)) {
            try await session.compact(with: [.summarize(with: summarizer)])
        }
        #expect(session.transcript == before)
        #expect(try await session.ledger().map(\.outcome) == [.answered(.stop), .failed("overloaded")])
        // The failed call carried no view: the next request is the session's own continuation.
        let response = try await session.respond(to: "p4")
        #expect(response.trace.prefix == .extended)
        let cold = try await boundary.session("s", opening: .resume)
        #expect(cold.snapshot.head == session.snapshot.head)
    }

    @Test func `the next strategy is asked if a summary fails`() async throws {
        let session = try await session(ContextPlanTests.history.map { $0.lengthened })
        let summarizer = LineModel([.text("")], name: "small")
        let compaction = try await session.compact(with: [.summarize(with: summarizer), .rollingWindow(turns: 1)])
        #expect(compaction?.strategies == ["rollingWindow(turns: 1)"])
        #expect(compaction?.crossings.count == 1)
        #expect(try await session.ledger().count == 1)
    }

    @Test(arguments: [.notSent, .replyLost, .lostUnnoticed] as [FlakyStore.Failure])
    func `a summary whose batch the store does not take is recorded once`(failure: FlakyStore.Failure) async throws {
        let store = FlakyStore(memory)
        let session = try await Boundary(store: store, clock: store.clock)
            .session(SessionKey("s"), model: LineModel([]), history: ContextPlanTests.history.map { $0.lengthened })
        store.failNext([failure, .notSent, .notSent, .notSent])
        let summarizer = LineModel([.text("short")], name: "small")
        _ = try? await session.compact(with: [.summarize(with: summarizer)])
        store.failNoMore()
        #expect(await session.flushLedger())
        try await session.respond(to: "next")
        #expect(try await session.ledger().map(\.route.model) == ["small", "lines"])
        #expect(strictFault(of: session.transcript) == nil)
    }

    @Test func `a refused plan and a view that cannot be smaller change nothing`() async throws {
        struct Refused: ContextStrategy {
            let name = "refused"

            func plan(for view: ContextView) -> ContextPlan { ContextPlan([]) }
        }
        let session = try await session(ContextPlanTests.history)
        let position = session.snapshot.position
        await #expect(throws: SessionError.contextPlanRefused(strategy: "refused", "instructions are left out")) {
            try await session.compact(with: [Refused()])
        }
        #expect(try await session.compact(with: [.rollingWindow(turns: 9)]) == nil)
        #expect(try await session.compact() == nil)
        #expect(session.snapshot.position == position)
    }

    @Test func `a cache counts the originals of a compacted session`() async throws {
        let text = String(repeating: "a", count: 100_000)
        let session = try await session((0..<50).flatMap { [.prompt("p\($0)"), .response(text)] })
        try await session.compact(with: [.rollingWindow(turns: 1)])
        #expect(session.transcript.count == 2)
        #expect(session.snapshot.weight > 50 * text.utf8.count)
        #expect(session.snapshot.rendering.byteCount < 2 * text.utf8.count)
        let cold = try await boundary.session("s", opening: .resume)
        #expect(cold.snapshot.weight > 50 * text.utf8.count)
    }

    @Test func `observers learn of a compaction`() async throws {
        let observer = CompactionObserver()
        let session = try await Boundary(store: memory, observers: [observer])
            .session(SessionKey("s"), model: LineModel([]), history: ContextPlanTests.history)
        let compaction = try await session.compact(with: [.rollingWindow(turns: 1)])
        #expect(observer.seen.withLock { $0 } == [compaction])
    }
}

/// An observer that keeps compactions.
final class CompactionObserver: TurnObserver {
    let seen = Mutex<[Compaction?]>([])

    func contextCompacted(_ compaction: Compaction, of session: SessionKey, during turn: TurnID?) {
        seen.withLock { $0.append(compaction) }
    }

    func turnEnded(_ turn: EndedTurn) {}
}

extension Entry {
    /// An answer with more text behind it; other entries as they are.
    var lengthened: Entry {
        if case .response = content { .response(text + String(repeating: " and so on", count: 50)) } else { self }
    }
}
