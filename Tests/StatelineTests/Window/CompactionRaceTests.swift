import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

@testable import Stateline

@Suite struct CompactionRaceTests {
    @Test func `entries that other handles append during a summary stay`() async throws {
        let store = MemoryStore()
        let history = ContextPlanTests.history.map { $0.lengthened }
        let session = try await Boundary(store: store).session(SessionKey("s"), model: LineModel([]), history: history)
        let other = try await Boundary(store: store).session("s")
        let summarizer = LineModel([.text("short")]) {
            if other.snapshot.position.revision < 3 { _ = try? await other.respond(to: "meanwhile") }
        }
        let compaction = try await session.compact(with: [.summarize(with: summarizer, keepingLast: 1)])
        #expect(compaction?.crossings.count == 1)
        let texts = session.transcript.map(\.text)
        #expect(texts.prefix(4) == ["Be brief.", Summarizer.compaction("short").text, "Understood.", "p2"])
        #expect(texts.suffix(4) == ["meanwhile", "ok", "meanwhile", "ok"])
        #expect(try await session.ledger().count == 3)
        let cold = try await Boundary(store: store).session("s", opening: .resume)
        #expect(cold.snapshot.head == session.snapshot.head)
        #expect(cold.snapshot.rendering.bytes == session.snapshot.rendering.bytes)
    }

    @Test func `a view that another handle changes meanwhile is planned anew`() async throws {
        let store = MemoryStore()
        let session = try await Boundary(store: store)
            .session(SessionKey("s"), model: LineModel([]), history: ContextPlanTests.history.map { $0.lengthened })
        try await session.respond(to: "gone " + String(repeating: "long ", count: 100))
        let other = try await Boundary(store: store).session("s")
        let summarizer = LineModel([.text("first"), .text("second")]) {
            if other.snapshot.position.revision == 2 { _ = try? await other.rewind(to: 1) }
        }
        try await session.compact(with: [.summarize(with: summarizer, keepingLast: 1)])
        #expect(session.transcript.map(\.text).prefix(4).last == "p2")
        #expect(session.transcript[1].text == Summarizer.compaction("second").text)
        // Both calls were paid for.
        #expect(try await session.ledger().count == 3)
    }

    @Test func `no turn of 64 tasks is lost while another handle compacts`() async throws {
        let store = MemoryStore()
        let boundary = Boundary(store: store)
        // It counts no tokens: the fixed count of the other model would leave nothing to save.
        let model = FunctionModel { _ in .text("ok") }
        let compactor = try await boundary.session(SessionKey("s"), model: model, instructions: "Be brief.")
        let isDone = Flag()
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                var count = 0
                while !isDone.isSet.withLock({ $0 }) {
                    if try await compactor.compact(with: [.rollingWindow(turns: 3)]) != nil { count += 1 }
                    await Task.yield()
                }
                return count
            }
            for task in 0..<64 {
                group.addTask {
                    let session = try await boundary.session(SessionKey("s"), model: model)
                    for turn in 0..<3 {
                        // Nothing of a turn in memory suspends: without this, each task runs to its end.
                        await Task.yield()
                        do throws(SessionError) { try await session.respond(to: "p\(task)-\(turn)") } catch {
                            // The view had changed: the answer is in the draft.
                            try await session.commit(#require(error.draft))
                        }
                    }
                    return 0
                }
            }
            var count = 0
            for _ in 0..<64 { count += try await group.next() ?? 0 }
            isDone.isSet.withLock { $0 = true }
            while let more = try await group.next() { count += more }
            return count
        }
        let cold = try await boundary.session("s", opening: .resume)
        let final = cold.snapshot
        var prompts: [String: Int] = [:]
        var cost = StoreCost()
        for batch in try await boundary.log.batches(of: cold.key, after: nil, cost: &cost) {
            for entry in try batch.decoded().batch.entries {
                if case .prompt = entry.content { prompts[entry.text, default: 0] += 1 }
            }
        }
        #expect(prompts.count == 192)
        #expect(prompts.values.allSatisfy { $0 == 1 })
        #expect(strictFault(of: final.transcript) == nil)
        #expect(count > 0)
        // What came after the newest compaction is in the view, however many there were.
        try await compactor.refresh()
        let newest = try #require(try await compactor.compact(with: [.rollingWindow(turns: 1)]))
        #expect(newest.entriesAfter == 3)
    }
}

/// A sign to end.
private final class Flag: Sendable {
    let isSet = Mutex(false)
}
