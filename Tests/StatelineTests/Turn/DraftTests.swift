import NIOCore
import Stateline
import StatelineMemory
import Synchronization
import Testing

/// What is left of a turn that paid for answers and then came to nothing.
@Suite struct DraftTests {
    /// How a turn stops after its first step, which called the tools `one` and `two`.
    enum Stop: CaseIterable {
        case callFails
        case answerBreaksOff
        case toolFails
        case tooManySteps
        case cancelledInTool
        case cancelledInCall
    }

    static let refusal = ModelError.rateLimited(retryAfter: nil, message: "later")

    func session(_ stop: Stop, cancelling task: TaskBox) async throws -> (session: ModelSession, model: LineModel) {
        let second: LineModel.Reply
        switch stop {
        case .callFails: second = LineModel.Reply(refused: Self.refusal)
        case .answerBreaksOff: second = LineModel.Reply(chunks: ["text:the "])
        case .cancelledInCall: second = LineModel.Reply(refused: .cancelled)
        case .toolFails, .tooManySteps, .cancelledInTool: second = .text("never")
        }
        let tools = ["one", "two"]
            .map { name in
                TestTool(name: name) {
                    if name == "two", stop == .toolFails { throw TestError() }
                    if name == "two", stop == .cancelledInTool { task.cancel() }
                    return "output of \(name)"
                }
            }
        let model = LineModel([.calls("one", "two"), second])
        let configuration = SessionConfiguration(
            maximumSteps: stop == .tooManySteps ? 1 : 32,
            retries: .none,
            toolFailures: .fail
        )
        let session = try await Boundary(store: MemoryStore())
            .session(SessionKey("s"), model: model, tools: tools, configuration: configuration)
        return (session, model)
    }

    @Test(arguments: Stop.allCases, [false, true])
    func `what a turn received before it stopped is in the error, and can be committed`(
        stop: Stop,
        isStreamed: Bool
    ) async throws {
        let box = TaskBox()
        let (session, model) = try await session(stop, cancelling: box)
        let error = await box.run { () async -> SessionError? in
            do throws(SessionError) {
                if isStreamed {
                    _ = try await session.streamResponse(to: "go").collect()
                } else {
                    try await session.respond(to: "go")
                }
                return nil
            } catch {
                return error
            }
        }
        let draft = try #require(error?.draft)
        let lines = draft.entries.map(LineDialect.line)
        #expect(lines.prefix(2) == ["prompt:go\n", "call:c0 one {}\ncall:c1 two {}\n"])
        #expect(Transcript(draft.entries).openToolCalls.isEmpty, "providers refuse a call without an output")
        if stop != .cancelledInTool { #expect(lines.contains("output:c0 output of one\n")) }
        #expect(session.transcript.isEmpty)
        // What was paid for can go into the session, once, and the session goes on from there.
        try await session.commit(draft)
        try await session.commit(draft)
        #expect(session.transcript.map(LineDialect.line) == lines)
        model.push(.text("on"))
        try await session.respond(to: "next")
        #expect(try await session.ledger().count == model.bodies.count)
    }

    @Test func `a turn that received nothing has no draft`() async throws {
        let session = try await Boundary(store: MemoryStore())
            .session(
                SessionKey("s"),
                model: LineModel([LineModel.Reply(refused: Self.refusal)]),
                configuration: .withoutRetries
            )
        await #expect(throws: SessionError.model(Self.refusal)) { try await session.respond(to: "go") }
    }

    @Test func `a turn given up by hand gives back what it received`() async throws {
        let session = try await Boundary(store: MemoryStore()).session("s")
        var turn = try await session.checkout("go")
        try turn.append(ByteBuffer(string: "call:a one {}\ndone\n"))
        try turn.finishAnswer()
        let kept = await turn.abandon()
        try await session.commit(try #require(kept))
        #expect(session.transcript.count == 3)
        #expect(session.transcript.openToolCalls.isEmpty)
    }

    @Test func `after a failed call the turn goes on with another one, on another route`() async throws {
        let session = try await Boundary(store: MemoryStore()).session("s")
        var turn = try await session.checkout("go")
        try turn.start()
        try turn.append(ByteBuffer(string: "text:the "))
        #expect(throws: SessionError.model(.malformedAnswer("nonsense"))) {
            try turn.append(ByteBuffer(string: "end\nnonsense\n"))
        }
        // Nobody said that another call was made: this is the rest of the failed one.
        let late = #expect(throws: SessionError.self) { try turn.append(ByteBuffer(string: "done\n")) }
        guard case .turnMisused? = late else { throw TestError() }
        let other = Route(provider: "other", endpoint: "there", model: "lines")
        try turn.start(route: other)
        try turn.append(ByteBuffer(string: "text:whole\ndone\n"))
        let commit = try await turn.commit()
        #expect(commit.entries.map(\.text) == ["go", "whole"])
        let ledger = try await session.ledger()
        #expect(ledger.map(\.outcome) == [.failed("malformed_answer"), .answered(.stop)])
        #expect(ledger.map(\.step) == [0, 1])
        #expect(ledger.map(\.route) == [Route(provider: "test", endpoint: "here", model: "lines"), other])
        #expect(ledger[1].newBytes == 0, "the retry sends the same bytes again")
    }
}

/// A task that may be cancelled by what it runs.
final class TaskBox: Sendable {
    private let task = Mutex<Task<SessionError?, Never>?>(nil)

    func run(_ body: @escaping @Sendable () async -> SessionError?) async -> SessionError? {
        let started = task.withLock { task in
            let started = Task { await body() }
            task = started
            return started
        }
        return await started.value
    }

    func cancel() { task.withLock { $0?.cancel() } }
}
