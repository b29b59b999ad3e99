import NIOCore
import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

@testable import Stateline

/// A flag that one task raises for another.
private final class Flag: Sendable {
    private let raised = Atomic(false)

    var isRaised: Bool { raised.load(ordering: .acquiring) }

    func raise() { raised.store(true, ordering: .releasing) }
}

@Suite struct RetryTests {
    static let busy = ModelError.serverError(status: 503, retryAfter: nil, message: "busy")
    private let clock = RetryClock()

    private func session(
        _ model: some LanguageModel,
        tools: [any Tool] = [],
        _ configuration: SessionConfiguration = SessionConfiguration()
    ) async throws -> ModelSession {
        try await Boundary(store: MemoryStore(), observers: [clock], clock: clock)
            .session(SessionKey("s"), model: model, tools: tools, configuration: configuration)
    }

    private static func failing(_ error: ModelError) -> LineModel.Reply { LineModel.Reply(refused: error) }

    @Test(arguments: [false, true])
    func `a call that failed is made again, and each attempt is in the ledger`(isStreamed: Bool) async throws {
        let absent = ModelError.connectionFailed(description: "no")
        let model = LineModel([Self.failing(Self.busy), Self.failing(absent), .text("ok")])
        let session = try await session(model)
        let response =
            isStreamed
            ? try await session.streamResponse(to: "go").collect() : try await session.respond(to: "go")
        #expect(response.content == "ok")
        let ledger = try await session.ledger()
        #expect(ledger.map(\.outcome) == [.failed("server_error"), .failed("connection_failed"), .answered(.stop)])
        #expect(ledger.map(\.step) == [0, 1, 2])
        #expect(Set(model.bodies).count == 1, "the same request")
        #expect(ledger[1].sentAgainBytes > ledger[0].sentAgainBytes, "the repeated request was sent before")
        let retries = clock.retries
        #expect(retries.map(\.attempt.number) == [1, 2])
        #expect(retries.map(\.error.code) == ["server_error", "connection_failed"])
        #expect(retries[0].pause <= .milliseconds(500) && retries[1].pause <= .seconds(1))
        // The pauses are no overhead of the state layer.
        #expect(response.trace[.firstByte] == retries[0].pause + retries[1].pause)
        #expect(response.trace.stages.sum == response.trace.total && response.trace.overhead == .zero)
    }

    @Test func `limits of any length are limits`() async throws {
        let longest = Duration.seconds(Int64.max)
        let configuration = SessionConfiguration(
            retries: RetryPolicy(base: longest, cap: longest),
            timeLimits: CallTimeLimits(total: longest),
            turnTimeout: longest,
            commitTimeout: longest
        )
        let session = try await Boundary(store: MemoryStore())
            .session(SessionKey("s"), model: LineModel([.text("ok")]), configuration: configuration)
        #expect(try await session.respond(to: "go").content == "ok")
    }

    @Test func `without retries a call is made once, and with them at most as often as the policy says`() async throws {
        for (policy, count) in [(RetryPolicy.none, 1), (RetryPolicy(), 3), (RetryPolicy(maximumAttempts: 7), 7)] {
            let model = LineModel(Array(repeating: Self.failing(Self.busy), count: 10))
            let session = try await session(model, SessionConfiguration(retries: policy))
            await #expect(throws: SessionError.model(Self.busy)) { try await session.respond(to: "go") }
            #expect(model.bodies.count == count)
            #expect(try await session.ledger().count == count)
        }
    }

    @Test(arguments: [
        ModelError.unauthorized(status: 401, message: "no"), .invalidRequest(status: 400, message: "no"),
        .contextSizeExceeded(message: "no"), .notFound(message: "no"), .malformedAnswer("no"), .cancelled,
        .credentialsFailed(description: "no"),
    ])
    func `an error that does not pass is not met with a retry`(error: ModelError) async throws {
        let model = LineModel([Self.failing(error)])
        let session = try await session(model)
        await #expect(throws: SessionError.self) { try await session.respond(to: "go") }
        #expect(model.bodies.count == 1)
    }

    @Test(arguments: [false, true])
    func `a call is not made again after a byte of its answer`(isStreamed: Bool) async throws {
        let cut = ModelError.truncatedAnswer(receivedBytes: 7)
        let model = LineModel([LineModel.Reply(chunks: ["text:a\n"], broken: cut)])
        let session = try await session(model)
        await #expect(throws: SessionError.self) {
            if isStreamed {
                _ = try await session.streamResponse(to: "go").collect()
            } else {
                try await session.respond(to: "go")
            }
        }
        #expect(model.bodies.count == 1 && clock.retries.isEmpty)
    }

    @Test func `a connection that ends before the first byte of the answer is met with a retry`() async throws {
        let cut = ModelError.truncatedAnswer(receivedBytes: 0)
        let model = LineModel([LineModel.Reply(chunks: [], broken: cut), LineModel.Reply(chunks: []), .text("ok")])
        let session = try await session(model)
        #expect(try await session.respond(to: "go").content == "ok")
        #expect(try await session.ledger().map(\.receivedBytes).prefix(2) == [0, 0])
    }

    @Test func `the time that the provider asks to wait is waited for`() async throws {
        let limited = ModelError.rateLimited(retryAfter: .seconds(20), message: "slow down")
        let session = try await session(LineModel([Self.failing(limited), .text("ok")]))
        try await session.respond(to: "go")
        let pause = try #require(clock.retries.first).pause
        #expect(pause >= .seconds(20) && pause <= .milliseconds(20_500))
    }

    @Test func `a provider that asks to wait for too long is not waited for`() async throws {
        for (wish, count) in [(Duration.seconds(60), 2), (.seconds(61), 1)] {
            let limited = ModelError.rateLimited(retryAfter: wish, message: "tomorrow")
            let model = LineModel([Self.failing(limited), .text("ok")])
            let session = try await session(model)
            _ = try? await session.respond(to: "go")
            #expect(model.bodies.count == count)
        }
    }

    @Test func `a call is not made again if its pause would end after the turn's time`() async throws {
        let limited = ModelError.rateLimited(retryAfter: .seconds(20), message: "slow down")
        let model = LineModel([Self.failing(limited), .text("ok")])
        let session = try await session(model, SessionConfiguration(turnTimeout: .seconds(20)))
        await #expect(throws: SessionError.model(limited)) { try await session.respond(to: "go") }
        #expect(model.bodies.count == 1 && clock.now.sinceStart == .zero, "the turn ends at once")
    }

    @Test func `cancelling ends a pause at once`() async throws {
        let manual = ManualClock()
        let limited = ModelError.rateLimited(retryAfter: .seconds(60), message: "slow down")
        let session = try await Boundary(store: MemoryStore(), clock: manual)
            .session(SessionKey("s"), model: LineModel([Self.failing(limited)]))
        let turn = Task { try await session.respond(to: "go") }
        await manual.waitForSleepers(1)
        turn.cancel()
        await #expect(throws: SessionError.cancelled()) { try await turn.value }
        #expect(manual.now.sinceStart == .zero && !session.isResponding)
    }

    @Test func `attempts that failed are no steps, and each step has its own attempts`() async throws {
        let replies: [LineModel.Reply] = [
            Self.failing(Self.busy), .calls("one"), Self.failing(Self.busy), Self.failing(Self.busy), .text("ok"),
        ]
        let model = LineModel(replies)
        let configuration = SessionConfiguration(maximumSteps: 2)
        let session = try await session(model, tools: [TestTool(name: "one")], configuration)
        #expect(try await session.respond(to: "go").content == "ok")
        #expect(clock.retries.map(\.attempt.number) == [1, 1, 2])
        #expect(clock.retries.map(\.attempt.step) == [0, 1, 1])
    }

    @Test func `a turn whose time has passed makes no further call, and its error has the draft`() async throws {
        let model = LineModel([.calls("one"), .text("late")])
        let tool = TestTool(name: "one") { [clock] in
            clock.advance(by: .seconds(5))
            return "fine"
        }
        let session = try await session(model, tools: [tool], SessionConfiguration(turnTimeout: .seconds(5)))
        do throws(SessionError) {
            try await session.respond(to: "go")
            Issue.record("the turn was committed")
        } catch {
            guard case .turnTimedOut(let limit, let draft?) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(limit == .seconds(5))
            #expect(draft.entries.count == 3 && model.bodies.count == 1)
            try await session.commit(draft)
            #expect(session.transcript.count == 3)
        }
    }

    @Test(arguments: [true, false])
    func `a model that does not return ends with its time`(isTurns: Bool) async throws {
        let manual = ManualClock()
        let model = FunctionModel { _ in
            try await Task.sleep(for: .seconds(3600))
            return .text("late")
        }
        var configuration = SessionConfiguration(retries: .none)
        if isTurns { configuration.turnTimeout = .seconds(7) } else { configuration.timeLimits.total = .seconds(7) }
        let session = try await Boundary(store: MemoryStore(), clock: manual)
            .session(SessionKey("s"), model: model, configuration: configuration)
        let turn = Task { try await session.respond(to: "go") }
        await manual.waitForSleepers(1)
        manual.advance(by: .seconds(7))
        let expected = isTurns ? SessionError.turnTimedOut(limit: .seconds(7)) : .model(.timeout(.total))
        await #expect(throws: expected) { try await turn.value }
        #expect(try await session.ledger().map(\.outcome) == [.failed("timeout_total")])
    }

    @Test func `a tool has the time that is left of the turn`() async throws {
        let manual = ManualClock()
        let began = OneShot<Void>()
        let ended = Flag()
        let tool = TestTool(name: "one") {
            began.give(())
            try await Task.sleep(for: .seconds(3600))
            return "late"
        }
        let session = try await Boundary(store: MemoryStore(), clock: manual)
            .session(
                SessionKey("s"),
                model: LineModel([.calls("one")]),
                tools: [tool],
                configuration: SessionConfiguration(turnTimeout: .seconds(7))
            )
        let turn = Task {
            defer { ended.raise() }
            return try await session.respond(to: "go")
        }
        await began.value()
        while !ended.isRaised {
            manual.advance(by: .seconds(1))
            await Task.yield()
        }
        let error = await #expect(throws: SessionError.self) { try await turn.value }
        guard case .turnTimedOut(let limit, let draft?)? = error else {
            Issue.record("another error")
            return
        }
        #expect(limit == .seconds(7))
        #expect(draft.entries.last?.text.contains("one") == true, "the output tells that the tool was stopped")
    }

    @Test func `the ceiling of a pause doubles up to the cap`() {
        let policy = RetryPolicy(base: .milliseconds(100), cap: .seconds(1))
        let ceilings = (1...6).map { policy.ceiling(after: $0) }
        #expect(ceilings == [100, 200, 400, 800, 1000, 1000].map { .milliseconds($0) })
        #expect(RetryPolicy(base: .seconds(5), cap: .seconds(1)).ceiling(after: 1) == .seconds(1))
        #expect(RetryPolicy(base: .zero).ceiling(after: .max) == .zero)
        var generator = SeededGenerator(seed: 1)
        let pauses = (0..<1000).compactMap { _ in policy.pause(after: 2, Self.busy, using: &generator) }
        #expect(pauses.count == 1000)
        #expect(pauses.allSatisfy { $0 >= .zero && $0 <= .milliseconds(200) })
        // Full jitter: the whole range is used.
        #expect(pauses.contains { $0 < .milliseconds(20) } && pauses.contains { $0 > .milliseconds(180) })
    }
}
