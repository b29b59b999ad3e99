import Stateline
import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

/// A turn that waits for an approval, for a client's tool or for an event.
@Suite struct WaitingTests {
    static let key = SessionKey("s")
    static let durabilities: [SessionConfiguration.Durability] = [.turn, .step]

    private func configuration(
        _ durability: SessionConfiguration.Durability,
        _ principal: Principal? = nil
    ) -> SessionConfiguration {
        SessionConfiguration(retries: .none, durability: durability, principal: principal)
    }

    private func wait(_ session: ModelSession, _ prompt: String) async throws -> [RequiredAction] {
        let error = await #expect(throws: SessionError.self) { try await session.respond(to: prompt) }
        guard case .turnWaiting(_, _, let actions) = error else { throw error ?? SessionError.cancelled() }
        return actions
    }

    @Test(arguments: durabilities)
    func `a call that needs approval runs after it, in another process`(
        durability: SessionConfiguration.Durability
    ) async throws {
        let store = MemoryStore()
        let tool = CountingTool(needsApproval: true)
        let model = StepModel()
        let first = try await Boundary(store: store)
            .session(Self.key, model: model.model, tools: [tool], configuration: configuration(durability))
        let actions = try await wait(first, "both")
        #expect(actions.map(\.kind) == [.approval, .approval])
        #expect(actions.map(\.call.id) == ["0-a", "0-b"])
        #expect(tool.runs.all.isEmpty)
        #expect(first.transcript.isEmpty, "nothing of it is in the view")
        #expect(!first.isResponding)
        let second = try await Boundary(store: store)
            .session(Self.key, model: model.model, tools: [tool], configuration: configuration(durability, "ann"))
        #expect(second.requiredActions == actions)
        let partly = await #expect(throws: SessionError.self) {
            try await second.resume(answering: [.approve("0-a")])
        }
        guard case .turnWaiting(_, _, let rest) = partly else { throw partly ?? SessionError.cancelled() }
        #expect(rest.map(\.call.id) == ["0-b"])
        let response = try await second.resume(answering: [.deny("0-b", reason: "too dear")])
        #expect(response.content == "answer to both")
        #expect(tool.runs.all == ["0-a"])
        let outputs = second.transcript.filter { if case .toolOutput = $0.content { true } else { false } }
        #expect(Set(outputs.map(\.text)) == ["done", "The call was denied: too dear"])
        #expect(model.callCount == 2)
        let decisions = try await StepTests.batches(store)
            .flatMap { batch -> [TurnRecord.Decision] in
                if case .decided(let decisions, _)? = batch.record { decisions } else { [] }
            }
        #expect(decisions.map(\.principal) == ["ann", "ann"], "who approved is in the log")
        #expect(decisions.map(\.isApproved) == [true, false])
    }

    @Test(arguments: durabilities)
    func `a client's tool gives its output later`(durability: SessionConfiguration.Durability) async throws {
        let store = MemoryStore()
        let tool = ToolDefinition(name: "work", description: "Works.", parameters: .object())
        let session = try await Boundary(store: store)
            .session(
                Self.key,
                model: StepModel().model,
                clientTools: [tool],
                configuration: configuration(durability)
            )
        let actions = try await wait(session, "tools 1")
        #expect(actions.map(\.kind) == [.clientTool])
        let call = try #require(actions.first?.call)
        await #expect(throws: SessionError.self) { try await session.resume() }
        await #expect(throws: SessionError.self) { try await session.resume(answering: [.approve(call.id)]) }
        await #expect(throws: SessionError.self) { try await session.resume(answering: [.approve("other")]) }
        await #expect(throws: SessionError.self) { try await session.respond(to: "meanwhile") }
        let output = ToolOutput(callID: call.id, name: call.name, text: "from the client")
        let response = try await session.resume(answering: [.output(output)])
        #expect(response.content == "answer to tools 1")
        #expect(session.transcript.map(\.text)[2] == "from the client")
        #expect(session.requiredActions.isEmpty)
        await #expect(throws: SessionError.self) { try await session.resume(answering: [.output(output)]) }
    }

    @Test func `a tool whose output comes from outside leaves the turn waiting`() async throws {
        let tool = CountingTool(work: { throw ToolError.awaitsEvent })
        let session = try await Boundary(store: MemoryStore())
            .session(Self.key, model: StepModel().model, tools: [tool], configuration: .steps)
        let actions = try await wait(session, "tools 1")
        #expect(actions.map(\.kind) == [.externalEvent])
        let call = try #require(actions.first?.call)
        let output = ToolOutput(callID: call.id, name: call.name, text: "it happened")
        #expect(try await session.resume(answering: [.output(output)]).content == "answer to tools 1")
        #expect(tool.runs.all.count == 1)
    }

    @Test func `observers learn that a turn waits and that it ends`() async throws {
        final class Observer: TurnObserver {
            let outcomes = Mutex<[String]>([])
            func turnEnded(_ turn: EndedTurn) {
                let word =
                    switch turn.outcome {
                    case .waiting: "waiting"
                    case .committed: "committed"
                    default: "other"
                    }
                outcomes.withLock { $0.append(word) }
            }
        }
        let observer = Observer()
        let session = try await Boundary(store: MemoryStore(), observers: [observer])
            .session(
                Self.key,
                model: StepModel().model,
                tools: [CountingTool(needsApproval: true)],
                configuration: .steps
            )
        let actions = try await wait(session, "tools 1")
        try await session.resume(answering: actions.map { .approve($0.call.id) })
        #expect(observer.outcomes.withLock { $0 } == ["waiting", "committed"])
    }
}
