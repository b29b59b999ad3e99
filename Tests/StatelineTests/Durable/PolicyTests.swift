@testable import Stateline
import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

/// Turns of several processes on one session.
///
/// Each boundary stands for a process: it shares nothing but the store.
@Suite struct PolicyTests {
    static let key = SessionKey("s")

    /// A turn that is in its nth model call until it is let go.
    final class Running: Sendable {
        let entered = AsyncStream.makeStream(of: Void.self)
        let gate = AsyncStream.makeStream(of: Void.self)
        let task: Task<Response<String>, any Error>
        let session: ModelSession

        init(_ store: MemoryStore, prompt: String, at number: Int = 1, tool: CountingTool? = nil) async throws {
            let (entered, gate) = (entered, gate)
            let model = StepModel { call in
                guard call == number else { return }
                entered.continuation.yield()
                for await _ in gate.stream { return }
            }
            let session = try await Boundary(store: store)
                .session(
                    PolicyTests.key,
                    model: model.model,
                    tools: tool.map { [$0] } ?? [],
                    configuration: .steps
                )
            self.session = session
            task = Task { try await session.respond(to: prompt) }
            for await _ in entered.stream { break }
        }

        func letGo() { gate.continuation.finish() }
    }

    private func session(
        _ store: MemoryStore,
        _ policy: SessionConfiguration.TurnPolicy,
        clock: some Clock<Duration> = ContinuousClock()
    ) async throws -> ModelSession {
        var configuration = SessionConfiguration.steps
        configuration.policy = policy
        return try await Boundary(store: store, clock: clock)
            .session(Self.key, model: StepModel().model, configuration: configuration)
    }

    @Test func `reject names the turn in the way`() async throws {
        let store = MemoryStore()
        let running = try await Running(store, prompt: "first")
        let other = try await session(store, .reject)
        let error = await #expect(throws: SessionError.self) { try await other.respond(to: "second") }
        guard case .turnIsOpen(_, let conflict) = error else { throw error ?? SessionError.cancelled() }
        #expect(conflict.turn == running.session.snapshot.openTurn?.turn)
        #expect(conflict.retryAfter == .seconds(30))
        #expect(conflict.since != nil)
        #expect(!conflict.isWaiting)
        running.letGo()
        #expect(try await running.task.value.content == "answer to first")
        #expect(try await other.respond(to: "second").content == "answer to second")
        #expect(other.transcript.map(\.text) == ["first", "answer to first", "second", "answer to second"])
    }

    @Test func `enqueue is first come, first served across processes`() async throws {
        let store = MemoryStore()
        let running = try await Running(store, prompt: "first")
        var tasks: [Task<Response<String>, any Error>] = []
        for index in 0..<4 {
            let waiting = try await session(store, .enqueue(limit: 4))
            tasks.append(Task { try await waiting.respond(to: "turn \(index)") })
            try await until(store) { $0.turns?.queue.count == index + 1 }
        }
        let refused = try await session(store, .enqueue(limit: 4))
        await #expect(throws: SessionError.tooManyWaitingTurns(Self.key, limit: 4)) {
            try await refused.respond(to: "too many")
        }
        tasks[1].cancel()
        await #expect(throws: SessionError.self) { try await tasks[1].value }
        try await until(store) { $0.turns?.queue.count == 3 }
        running.letGo()
        for (index, task) in tasks.enumerated() where index != 1 {
            #expect(try await task.value.content == "answer to turn \(index)")
        }
        let reader = try await session(store, .optimistic)
        let prompts = reader.transcript.compactMap { if case .prompt = $0.content { $0.text } else { nil } }
        #expect(prompts == ["first", "turn 0", "turn 2", "turn 3"])
    }

    /// Waits until the log in the store meets a condition.
    private func until(_ store: MemoryStore, _ condition: (Snapshot) -> Bool) async throws {
        let reader = try await Boundary(store: store).session(Self.key, model: StepModel().model)
        while !condition(reader.snapshot) {
            try await Task.sleep(for: .milliseconds(5))
            try await reader.refresh()
        }
    }

    @Test func `supersede ends the running turn, whose answers are in its error`() async throws {
        let store = MemoryStore()
        let running = try await Running(store, prompt: "tools 1", at: 2, tool: CountingTool())
        let other = try await session(store, .supersede)
        let response = try await other.respond(to: "instead")
        running.letGo()
        let error = await #expect(throws: SessionError.self) { try await running.task.value }
        guard case .turnLost(.superseded(let by), let draft?) = error else { throw error ?? SessionError.cancelled() }
        #expect(by == response.turn)
        #expect(draft.answer == "answer to tools 1")
        #expect(other.transcript.map(\.text) == ["instead", "answer to instead"])
        try await running.session.commit(draft)
        #expect(running.session.transcript.count == 6, "no answer is lost")
    }

    @Test func `branch runs the turn in a fork, and says so`() async throws {
        let store = MemoryStore()
        let running = try await Running(store, prompt: "first")
        let other = try await session(store, .branch)
        let response = try await other.respond(to: "aside")
        #expect(response.session != Self.key)
        #expect(response.session.family == Self.key.family)
        running.letGo()
        _ = try await running.task.value
        let branch = try await Boundary(store: store)
            .session(response.session, model: StepModel().model, opening: .resume)
        #expect(branch.transcript.map(\.text) == ["aside", "answer to aside"])
        let reader = try await session(store, .optimistic)
        #expect(reader.transcript.map(\.text) == ["first", "answer to first"])
    }

    @Test func `steer enters at a step boundary, and both get the answer`() async throws {
        let store = MemoryStore()
        let tool = CountingTool()
        let running = try await Running(store, prompt: "tools 1", at: 1, tool: tool)
        let other = try await session(store, .steer)
        let steering = Task { try await other.respond(to: "and briefly") }
        try await until(store) { $0.openTurn?.inputs.isEmpty == false }
        running.letGo()
        let response = try await running.task.value
        #expect(response.content == "answer to and briefly")
        let steered = try await steering.value
        #expect(steered.content == response.content)
        #expect(steered.turn == response.turn, "the answer tells which turn took it")
        #expect(steered.isReplayed)
        #expect(
            running.session.transcript.map(\.text)
                == ["tools 1", "", "done", "and briefly", "answer to and briefly"],
            "after the outputs of the step"
        )
        let reader = try await session(store, .steer)
        #expect(reader.transcript == running.session.transcript)
        #expect(
            try await reader.respond(to: "alone").content == "answer to alone",
            "without an open turn it begins one"
        )
    }

    @Test func `a stale commit is merged if the caller allows it`() async throws {
        let store = MemoryStore()
        var configuration = SessionConfiguration(retries: .none)
        configuration.staleCommits = .merge
        let merging = try await Boundary(store: store)
            .session(Self.key, model: StepModel().model, configuration: configuration)
        var turn = try await merging.checkout("late")
        try turn.append(.text("answer to late"))
        let other = try await Boundary(store: store).session(Self.key, model: StepModel().model)
        try await other.respond(to: "early")
        let commit = try await turn.commit()
        #expect(commit.entries.map(\.text) == ["late", "answer to late"])
        #expect(merging.transcript.map(\.text) == ["early", "answer to early", "late", "answer to late"])
        #expect(try await merging.respond(to: "next").content == "answer to next")
        let reader = try await Boundary(store: store).session(Self.key, model: StepModel().model)
        #expect(reader.snapshot.head == merging.snapshot.head)
    }
}
