import NIOCore
import Stateline
import StatelineMemory
import Synchronization
import Testing

/// Every point at which a turn with tools can fail, and what must hold after it.
@Suite struct NothingHalfDoneTests {
    /// Where the second turn of a session is made to fail.
    enum Fault: Sendable, CustomTestStringConvertible {
        case refused(call: Int)
        case broken(call: Int, afterChunks: Int)
        case malformed(call: Int)
        case truncated(call: Int)
        case toolThrows
        case unknownTool
        case tooManySteps
        case cancelled(atStep: Int)
        case dropped(afterParts: Int)
        case storeFails

        var testDescription: String { "\(self)" }

        static let all: [Fault] =
            (0..<2)
            .flatMap { call -> [Fault] in
                [.refused(call: call), .malformed(call: call), .truncated(call: call)]
                    + (0..<3).map { .broken(call: call, afterChunks: $0) }
            }
            + [.toolThrows, .unknownTool, .tooManySteps, .storeFails]
            + (0..<8).map { .cancelled(atStep: $0) }
            + (0..<5).map { .dropped(afterParts: $0) }
    }

    /// A call for two tools, then an answer: each in two chunks and an end.
    static let replies = [
        LineModel.Reply(chunks: ["call:a one {}\ncall:b ", "two {}\ndone\n"]),
        LineModel.Reply(chunks: ["text:the ", "end\ndone\n"]),
    ]

    func replies(_ fault: Fault) -> [LineModel.Reply] {
        var replies = Self.replies
        switch fault {
        case .refused(let call): replies[call].refused = .serverError(status: 500, retryAfter: nil, message: "no")
        case .broken(let call, let count):
            replies[call].chunks = Array(replies[call].chunks.prefix(count))
            replies[call].broken = .streamFailed(message: "cut")
        case .malformed(let call): replies[call].chunks.insert("nonsense\n", at: 1)
        case .truncated(let call): replies[call].chunks.removeLast()
        case .unknownTool: replies[0].chunks = ["call:a nobody {}\ndone\n"]
        case .toolThrows, .tooManySteps, .cancelled, .dropped, .storeFails: break
        }
        return replies
    }

    @Test(arguments: Fault.all, [false, true])
    func `a turn that fails leaves the session as it was, and the ledger shows its calls`(
        fault: Fault,
        isStreamed: Bool
    ) async throws {
        let store = FlakyStore(MemoryStore())
        let steps = StepCounter()
        let model = LineModel([.text("before")] + replies(fault), step: { await steps.reached() })
        let tools = ["one", "two"]
            .map { name in
                TestTool(name: name) {
                    if case .toolThrows = fault, name == "two" { throw TestError() }
                    return "output of \(name)"
                }
            }
        var configuration = SessionConfiguration(retries: .none, toolFailures: .fail)
        if case .tooManySteps = fault { configuration.maximumSteps = 1 }
        let session = try await Boundary(store: store)
            .session(SessionKey("s"), model: model, tools: tools, instructions: "x", configuration: configuration)
        try await session.respond(to: "first")
        let (view, calls) = (session.transcript, model.bodies.count)
        if case .storeFails = fault { store.failNext(.notSent) }
        await steps.arm(fault)
        let failed = await run(session, fault, isStreamed: isStreamed, steps: steps)
        #expect(failed, "the fault had no effect")
        #expect(session.transcript == view)
        #expect(!session.isResponding)
        let made = model.bodies.count
        #expect(await session.flushLedger())
        let ledger = try await session.ledger()
        #expect(ledger.count == made, "each call is in the ledger once")
        #expect(ledger.prefix(calls).allSatisfy { $0.outcome == .answered(.stop) })
        let other = try await Boundary(store: store).session(SessionKey("s"), model: LineModel([]), opening: .resume)
        #expect(other.transcript == view, "what is stored has nothing of the turn either")
        // The session goes on as if the turn had never been asked for.
        let next = try await session.respond(to: "next")
        #expect(session.transcript.count == view.count + next.entries.count)
        #expect(session.transcript.openToolCalls.isEmpty)
    }

    /// Runs the second turn, and tells whether it came to nothing.
    private func run(_ session: ModelSession, _ fault: Fault, isStreamed: Bool, steps: StepCounter) async -> Bool {
        let work = Task {
            if case .dropped(let count) = fault { return await Self.drop(session, after: count) }
            do throws(SessionError) {
                if isStreamed {
                    _ = try await session.streamResponse(to: "second").collect()
                } else {
                    _ = try await session.respond(to: "second")
                }
                return false
            } catch {
                return true
            }
        }
        await steps.cancelWhenDue(work)
        return await work.value
    }

    /// Reads a stream for a while and lets go of it.
    private static func drop(_ session: ModelSession, after count: Int) async -> Bool {
        var iterator = session.streamResponse(to: "second").makeAsyncIterator()
        for _ in 0..<count { _ = try? await iterator.next() }
        return true
    }

    @Test(arguments: 0..<5)
    func `a turn driven by hand and dropped at any point leaves the session as it was`(point: Int) async throws {
        let session = try await Boundary(store: MemoryStore()).session("s")
        try await session.respond(to: "first")
        let view = session.transcript
        try await drive(session, to: point)
        #expect(session.transcript == view)
        #expect(!session.isResponding)
        try await session.respond(to: "next")
        let ledger = try await session.ledger()
        #expect(ledger.count == (point > 0 ? 3 : 2))
        let outcomes: [Crossing.Outcome?] = [
            nil, .abandoned, .abandoned, .answered(.toolCalls), .answered(.toolCalls),
        ]
        if let outcome = outcomes[point] { #expect(ledger[1].outcome == outcome) }
    }

    /// Drives a turn up to a point, and drops it there.
    private func drive(_ session: ModelSession, to point: Int) async throws {
        var turn = try await session.checkout("second")
        _ = turn.request
        if point >= 1 { try turn.start() }
        if point >= 2 { try turn.append(ByteBuffer(string: "call:a one {}\n")) }
        if point >= 3 {
            try turn.append(ByteBuffer(string: "done\n"))
            try turn.finishAnswer()
        }
        if point >= 4 { try turn.append([ToolOutput(callID: "a", name: "one", text: "x")]) }
    }

    @Test func `outputs of calls that nobody made are refused`() async throws {
        let session = try await Boundary(store: MemoryStore()).session("s")
        var turn = try await session.checkout("second")
        try turn.append(ByteBuffer(string: "call:a one {}\ndone\n"))
        try turn.finishAnswer()
        #expect(throws: SessionError.self) { try turn.append([ToolOutput(callID: "b", name: "one", text: "x")]) }
        try turn.append([ToolOutput(callID: "a", name: "one", text: "x")])
        try turn.append(Answer.text("fine"))
        #expect(try await turn.commit().revision == 2)
    }
}

/// Counts the steps of a model's calls, and lets a test cancel the turn at one of them.
private actor StepCounter {
    private var left: Int?
    private var due = false
    private var isArmed = false
    private var waiting: CheckedContinuation<Void, Never>?
    private var held: CheckedContinuation<Void, Never>?

    func arm(_ fault: NothingHalfDoneTests.Fault) {
        if case .cancelled(let step) = fault { left = step }
        isArmed = left != nil
    }

    /// A step was reached: the one that is due waits for the cancellation.
    func reached() async {
        guard let count = left else { return }
        left = count - 1
        guard count == 0 else { return }
        left = nil
        due = true
        await withCheckedContinuation { continuation in
            held = continuation
            waiting?.resume()
            waiting = nil
        }
    }

    /// Cancels the task once the step is reached.
    func cancelWhenDue(_ task: Task<Bool, Never>) async {
        guard isArmed else { return }
        if !due { await withCheckedContinuation { waiting = $0 } }
        task.cancel()
        held?.resume()
        held = nil
    }
}
