import InMemoryTracing
import Stateline
import StatelineMemory
import StatelineTesting
import Testing
import Tracing

@testable import StatelineMetrics

/// A tool that traces what it does.
private struct TracingTool: Tool {
    struct Arguments: Decodable, Sendable {}

    let tracer: InMemoryTracer
    let name = "trace"
    let description = "Traces."
    let parameters = JSONSchema.object()

    func call(arguments: Arguments, context: ToolContext) async throws -> String {
        await tracer.withSpan("inside the tool") { _ in await Task.yield() }
        return "traced"
    }
}

/// A model that traces its calls, as a transport does.
private struct TracingModel: LanguageModel {
    let base: ScriptedModel
    let tracer: InMemoryTracer

    var dialect: any Dialect { base.dialect }
    var route: Route { base.route }

    func call(_ request: ModelRequest, stopwatch: Stopwatch) async throws(ModelError) -> ModelReply {
        let span = tracer.startSpan("inside the call")
        defer { span.end() }
        return try await base.call(request, stopwatch: stopwatch)
    }
}

/// A tool that takes two seconds.
private struct WaitingTool: Tool {
    struct Arguments: Decodable, Sendable {}

    let clock: ManualClock
    let name = "wait"
    let description = "Waits."
    let parameters = JSONSchema.object()

    func call(arguments: Arguments, context: ToolContext) async throws -> String {
        clock.advance(by: .seconds(2))
        return "waited"
    }
}

@Suite struct TurnSpansTests {
    private let tracer = InMemoryTracer()
    private let clock = ManualClock()
    private let boundary: Boundary

    /// Some time of day, in nanoseconds.
    private static let noon: UInt64 = 1_800_000_000_000_000_000

    init() {
        boundary = Boundary(
            store: MemoryStore() as any SessionStore,
            observers: [
                TurnSpans(
                    tracer: tracer,
                    now: { [clock, origin = clock.now] in
                        Self.noon + UInt64(origin.duration(to: clock.now) / .nanoseconds(1))
                    }
                )
            ],
            clock: clock
        )
    }

    private func model(_ replies: [ScriptedModel.Reply]) -> ScriptedModel {
        let route = Route(provider: "scripted", endpoint: "127.0.0.1:1", model: "script")
        return ScriptedModel(replies, route: route, clock: clock)
    }

    private func slow(_ answer: Answer) -> ScriptedModel.Reply {
        ScriptedModel.Reply([.advance(by: .seconds(1)), .answer(answer)])
    }

    /// The spans as a tree, children indented and in the order of their beginnings, with their times before the last
    /// one's end.
    private func tree() -> [String] {
        let spans = tracer.finishedSpans
        let end = spans.map { $0.endInstant.nanosecondsSinceEpoch }.max() ?? 0
        func lines(below parent: String?, _ indent: String) -> [String] {
            spans.filter { $0.parentSpanID == parent }
                .sorted { $0.startInstant.nanosecondsSinceEpoch < $1.startInstant.nanosecondsSinceEpoch }
                .flatMap { span in
                    let times = [span.startInstant, span.endInstant]
                        .map {
                            Int64($0.nanosecondsSinceEpoch) - Int64(end)
                        }
                    let text = times.map { "\($0 / 1_000_000_000)" }.joined(separator: "...")
                    return ["\(indent)\(span.operationName) \(text)"] + lines(below: span.spanID, indent + "  ")
                }
        }
        return lines(below: nil, "")
    }

    private func span(_ name: String) throws -> FinishedInMemorySpan {
        try #require(tracer.finishedSpans.first { $0.operationName == name })
    }

    private func text(_ name: String, of span: FinishedInMemorySpan) -> String? {
        guard case .string(let text)? = span.attributes.get(name) else { return nil }
        return text
    }

    private func number(_ name: String, of span: FinishedInMemorySpan) -> Int? {
        switch span.attributes.get(name) {
        case .int64(let number)?: Int(number)
        case .int32(let number)?: Int(number)
        default: nil
        }
    }

    @Test func `a turn with a tool is a tree of its waits, at their times`() async throws {
        let usage = Usage(
            input: .init(totalTokenCount: 100, cachedTokenCount: 40),
            output: .init(totalTokenCount: 7, reasoningTokenCount: 3)
        )
        let call = ToolCall(id: "c", name: "wait", arguments: "{}")
        let model = model([
            .text("before"),
            slow(Answer(entries: [Entry(.toolCalls([call]))], finishReason: .toolCalls)),
            slow(.text("done", usage: usage)),
        ])
        try await boundary.session(SessionKey("thread"), model: model).respond(to: "make it")
        tracer.clearFinishedSpans()
        let session = try await boundary.session(SessionKey("thread"), model: model, tools: [WaitingTool(clock: clock)])
        try await session.respond(to: "go")
        #expect(
            tree() == [
                "session.turn -4...0", "  session.load -4...-4", "  chat script -4...-3", "  chat script -1...0",
                "  session.commit 0...0",
            ]
        )

        let turn = try span("session.turn")
        #expect(text("gen_ai.conversation.id", of: turn) == SessionPseudonyms.ofProcess.name(of: SessionKey("thread")))
        #expect(text("stateline.turn.outcome", of: turn) == "committed")
        #expect(number("stateline.revision", of: turn) == 3)
        #expect(turn.status == nil)
        let load = try span("session.load")
        #expect(load.kind == .client)
        #expect(number("stateline.store.round_trips", of: load) == 1)
        #expect(number("stateline.store.bytes", of: load) ?? 0 > 0)
        let chat = try #require(tracer.finishedSpans.last { $0.operationName == "chat script" })
        #expect(text("gen_ai.operation.name", of: chat) == "chat")
        #expect(text("gen_ai.provider.name", of: chat) == "scripted")
        #expect(text("gen_ai.request.model", of: chat) == "script")
        #expect(text("server.address", of: chat) == "127.0.0.1:1")
        #expect(number("gen_ai.usage.input_tokens", of: chat) == 100)
        #expect(number("gen_ai.usage.output_tokens", of: chat) == 7)
        #expect(number("gen_ai.usage.cache_read.input_tokens", of: chat) == 40)
        #expect(number("gen_ai.usage.reasoning.output_tokens", of: chat) == 3)
        let commit = try span("session.commit")
        #expect(text("stateline.commit.result", of: commit) == "committed")
        #expect(number("stateline.store.round_trips", of: commit) == 1)
        #expect(tracer.activeSpans.isEmpty)
    }

    @Test func `a model's failure is an error of its span and of the turn's, without the provider's words`()
        async throws
    {
        let failure = ModelError.unauthorized(status: 401, message: "key-1234")
        let session = try await boundary.session(SessionKey("s"), model: model([.failing(failure)]))
        await #expect(throws: SessionError.model(failure)) { try await session.respond(to: "content") }
        #expect(tree() == ["session.turn 0...0", "  chat script 0...0"])
        for name in ["session.turn", "chat script"] {
            let span = try span(name)
            #expect(span.status?.code == .error)
            #expect(text("error.type", of: span) == "unauthorized")
            #expect(!"\(span)".contains("key-1234"))
            #expect(!"\(span)".contains("content\""))
        }
    }

    @Test func `a turn that comes too late has a commit that failed`() async throws {
        let other = try await boundary.session(SessionKey("s"), model: model([.text("other")]))
        let session = try await boundary.session(SessionKey("s"), model: model([]))
        var late = try await session.checkout("2")
        try await other.respond(to: "1")
        tracer.clearFinishedSpans()
        try late.append(Answer.text("late"))
        do throws(SessionError) {
            _ = try await late.commit()
            Issue.record("committed although another turn came first")
        } catch {
            guard case .notCommitted = error else { throw error }
        }
        let commit = try span("session.commit")
        #expect(commit.status?.code == .error)
        #expect(text("stateline.commit.result", of: commit) == "stale")
        #expect(text("stateline.turn.outcome", of: try span("session.turn")) == "not_committed")
    }

    @Test func `what a model and a tool trace is beneath the turn, and what is around it is above`() async throws {
        let call = ToolCall(id: "c", name: "trace", arguments: "{}")
        let script = model([
            .answer(Answer(entries: [Entry(.toolCalls([call]))], finishReason: .toolCalls)), .text("a"),
        ])
        let session = try await boundary.session(
            SessionKey("s"),
            model: TracingModel(base: script, tracer: tracer),
            tools: [TracingTool(tracer: tracer)]
        )
        try await tracer.withSpan("request") { _ in
            _ = try await session.respond(to: "1")
        }
        let turn = try span("session.turn")
        #expect(turn.parentSpanID == (try span("request").spanID))
        #expect(try span("inside the tool").parentSpanID == turn.spanID)
        let calls = tracer.finishedSpans.filter { $0.operationName == "inside the call" }
        #expect(calls.count == 2 && calls.allSatisfy { $0.parentSpanID == turn.spanID })
        #expect(tracer.activeSpans.isEmpty)
    }

    @Test func `a turn that is dropped leaves no span open`() async throws {
        let session = try await boundary.session(SessionKey("s"), model: model([]))
        _ = try await session.checkout("dropped")
        #expect(tracer.activeSpans.isEmpty)
        #expect(text("stateline.turn.outcome", of: try span("session.turn")) == "abandoned")
    }

    @Test func `the turn belongs to the span of the task that begins it`() async throws {
        let session = try await boundary.session(SessionKey("s"), model: model([.text("a")]))
        try await tracer.withSpan("request") { _ in
            _ = try await session.respond(to: "1")
        }
        #expect(try span("session.turn").parentSpanID == span("request").spanID)
    }
}
