import Stateline
import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

/// A turn whose process dies is continued by another one.
@Suite struct ResumeTests {
    static let key = SessionKey("s")

    /// Runs a turn that hangs at its nth model call, in a process of its own that never ends it.
    private func abandon(
        at number: Int,
        store: MemoryStore,
        prompt: String,
        tool: CountingTool,
        clock: ManualClock = ManualClock()
    ) async throws {
        let hangs = AsyncStream.makeStream(of: Void.self)
        let model = StepModel { call in
            guard call == number else { return }
            hangs.continuation.yield()
            try await Task.sleep(for: .seconds(1000))
        }
        let session = try await Boundary(store: store, clock: clock)
            .session(Self.key, model: model.model, tools: [tool], configuration: .steps)
        // The task is neither awaited nor cancelled: its process is gone.
        Task.detached { try? await session.respond(to: prompt) }
        for await _ in hangs.stream { return }
    }

    @Test(arguments: 1...3)
    func `a turn continues from its newest step in another process`(step: Int) async throws {
        let store = MemoryStore()
        let tool = CountingTool()
        try await abandon(at: step, store: store, prompt: "tools 2", tool: tool)
        let (clock, model) = (ManualClock(), StepModel())
        let session = try await Boundary(store: store, clock: clock)
            .session(Self.key, model: model.model, tools: [tool], configuration: .steps)
        #expect(session.snapshot.openTurn != nil)
        async let response = session.resume()
        // It has to wait for the lease to run out, by its own clock.
        await clock.waitForSleepers(1)
        #expect(model.callCount == 0)
        clock.advance(by: .seconds(31))
        #expect(try await response.content == "answer to tools 2")
        #expect(tool.runs.all == ["0-1", "0-2"], "no tool ran twice")
        #expect(model.callCount == 4 - step, "answers in the log were not asked for again")
        #expect(session.transcript.count == 6)
        #expect(session.snapshot.openTurn == nil)
        #expect(try await session.ledger().map(\.step) == [0, 1, 2])
    }

    @Test func `a call without an output follows the policy`() async throws {
        for (policy, isIdempotent) in [
            (SessionConfiguration.OrphanPolicy.synthesizeError, true), (.rerunIfIdempotent, false),
            (.rerunIfIdempotent, true), (.fail, true),
        ] {
            let store = MemoryStore()
            let started = AsyncStream.makeStream(of: Void.self)
            let dying = CountingTool(work: {
                started.continuation.yield()
                try await Task.sleep(for: .seconds(1000))
                return "never"
            })
            let first = try await Boundary(store: store)
                .session(Self.key, model: StepModel().model, tools: [dying], configuration: .steps)
            Task.detached { try? await first.respond(to: "tools 1") }
            for await _ in started.stream { break }
            let tool = CountingTool(isIdempotent: isIdempotent)
            let clock = ManualClock()
            var configuration = SessionConfiguration.steps
            configuration.orphans = policy
            let session = try await Boundary(store: store, clock: clock)
                .session(Self.key, model: StepModel().model, tools: [tool], configuration: configuration)
            if policy == .fail {
                await #expect(throws: SessionError.self) { try await session.resume() }
                #expect(session.snapshot.openTurn != nil, "the turn is still open")
                continue
            }
            async let response = session.resume()
            await clock.waitForSleepers(1)
            clock.advance(by: .seconds(31))
            #expect(try await response.content == "answer to tools 1")
            let isRun = policy == .rerunIfIdempotent && isIdempotent
            #expect(tool.runs.all.count == (isRun ? 1 : 0))
            guard case .toolOutput(let output) = session.transcript[2].content else {
                Issue.record("no output")
                continue
            }
            #expect(output.isError == !isRun)
        }
    }

    @Test func `a paused holder's next step is stale, and its answer is in the error`() async throws {
        let store = MemoryStore()
        let gate = AsyncStream.makeStream(of: Void.self)
        let entered = AsyncStream.makeStream(of: Void.self)
        let paused = StepModel { call in
            guard call == 2 else { return }
            entered.continuation.yield()
            for await _ in gate.stream { return }
        }
        let tool = CountingTool()
        let first = try await Boundary(store: store, clock: ManualClock())
            .session(Self.key, model: paused.model, tools: [tool], configuration: .steps)
        let late = Task { await #expect(throws: SessionError.self) { try await first.respond(to: "tools 1") } }
        for await _ in entered.stream { break }
        let clock = ManualClock()
        let second = try await Boundary(store: store, clock: clock)
            .session(Self.key, model: StepModel().model, tools: [tool], configuration: .steps)
        async let response = second.resume()
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(31))
        #expect(try await response.content == "answer to tools 1")
        gate.continuation.finish()
        let error = await late.value
        guard case .turnLost(_, let draft?) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(draft.answer == "answer to tools 1")
        #expect(second.transcript.count == 4, "one history")
        let reader = try await Boundary(store: store).session(Self.key, model: StepModel().model)
        #expect(reader.transcript == second.transcript)
    }

    @Test func `the next turn ends what a dead process left, and keeps what it had received`() async throws {
        let store = MemoryStore()
        let tool = CountingTool()
        try await abandon(at: 2, store: store, prompt: "tools 1", tool: tool)
        let clock = ManualClock()
        let session = try await Boundary(store: store, clock: clock)
            .session(Self.key, model: StepModel().model, tools: [tool], configuration: .steps)
        await #expect(throws: SessionError.self) { try await session.respond(to: "next") }
        clock.advance(by: .seconds(31))
        let response = try await session.respond(to: "next")
        #expect(response.content == "answer to next")
        #expect(session.transcript.map(\.text).first == "tools 1")
        #expect(session.transcript.count == 5)
        #expect(Transcript(session.transcript.prefix(3)).openToolCalls.isEmpty)
    }

    @Test func `a turn that was cancelled or dropped does not lock its own process out`() async throws {
        let entered = AsyncStream.makeStream(of: Void.self)
        let model = StepModel { call in
            guard call == 1 else { return }
            entered.continuation.yield()
            try await Task.sleep(for: .seconds(1000))
        }
        let session = try await Boundary(store: MemoryStore())
            .session(Self.key, model: model.model, configuration: .steps)
        let task = Task { try await session.respond(to: "one") }
        for await _ in entered.stream { break }
        task.cancel()
        await #expect(throws: SessionError.self) { try await task.value }
        #expect(try await session.respond(to: "two").content == "answer to two")
        do { _ = try await session.checkout("dropped") }
        #expect(try await session.respond(to: "three").content == "answer to three")
        #expect(session.transcript.count == 4)
    }

    @Test func `a repeated model call needs the policy's leave`() async throws {
        let store = MemoryStore()
        try await abandon(at: 1, store: store, prompt: "hello", tool: CountingTool())
        var configuration = SessionConfiguration.steps
        configuration.repeatsModelCalls = false
        let session = try await Boundary(store: store)
            .session(Self.key, model: StepModel().model, configuration: configuration)
        let error = await #expect(throws: SessionError.self) { try await session.resume() }
        guard case .modelCallNotRepeated = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
