import Stateline
import StatelineMemory
import StatelineTesting
import Testing

/// Lists of open turns, and the end of those whose processes died.
@Suite struct OpenTurnListTests {
    @Test func `turns that wait are listed with their actions`() async throws {
        let store = MemoryStore()
        let tool = CountingTool(needsApproval: true)
        for id in ["a", "b", "c"] {
            let session = try await Boundary(store: store)
                .session(SessionKey(id), model: StepModel().model, tools: [tool], configuration: .steps)
            if id == "b" {
                try await session.respond(to: "no tools")
            } else {
                await #expect(throws: SessionError.self) { try await session.respond(to: "tools 1") }
            }
        }
        let boundary = Boundary(store: store)
        let waiting = try await boundary.waitingTurns()
        #expect(Set(waiting.map(\.session.id)) == ["a", "c"])
        #expect(waiting.allSatisfy { $0.actions.map(\.kind) == [.approval] && $0.actions[0].call.name == "work" })
        #expect(try await boundary.waitingTurns(of: "other").isEmpty)
        let first = try #require(waiting.first)
        let session = try await boundary.session(first.session, model: StepModel().model, tools: [tool])
        try await session.resume(answering: first.actions.map { .approve($0.call.id) })
        #expect(try await boundary.waitingTurns().count == 1)
    }

    @Test func `a reaper ends what dead processes left, after the term`() async throws {
        let store = MemoryStore()
        let entered = AsyncStream.makeStream(of: Void.self)
        let model = StepModel { call in
            guard call == 2 else { return }
            entered.continuation.yield()
            try await Task.sleep(for: .seconds(1000))
        }
        let dead = try await Boundary(store: store, clock: ManualClock())
            .session(SessionKey("s"), model: model.model, tools: [CountingTool()], configuration: .steps)
        Task.detached { try? await dead.respond(to: "tools 1") }
        for await _ in entered.stream { break }
        let clock = ManualClock()
        let boundary = Boundary(store: store, clock: clock)
        let reaper = Task { try await boundary.reapTurns(every: .seconds(10)) }
        for _ in 0..<4 {
            await clock.waitForSleepers(1)
            let reader = try await Boundary(store: store).session(SessionKey("s"), model: model.model)
            #expect(reader.snapshot.openTurn != nil)
            clock.advance(by: .seconds(10))
        }
        await clock.waitForSleepers(1)
        reaper.cancel()
        let reader = try await Boundary(store: store).session(SessionKey("s"), model: model.model)
        #expect(reader.snapshot.openTurn == nil)
        #expect(reader.transcript.count == 3)
        #expect(reader.transcript.openToolCalls.isEmpty)
        #expect(try await reader.ledger().count == 1)
    }
}
