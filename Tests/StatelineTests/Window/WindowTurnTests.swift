import NIOCore
import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

@testable import Stateline

/// Turns of a session with a context window.
@Suite struct WindowTurnTests {
    let memory = MemoryStore()

    /// A model that refuses requests of more than `limit` bytes and counts a token for each 4.
    private static func model(
        limit: Int,
        calls: [ToolCall] = [],
        recorder: Recorder = Recorder()
    ) -> ScriptedModel {
        ScriptedModel(dialect: LineDialect()) { number, request in
            let bytes = Array(buffer: request.body.joined())
            recorder.record(bytes)
            guard bytes.count <= limit else { return .failing(.contextSizeExceeded(message: "too long")) }
            let usage = Usage(input: .init(totalTokenCount: bytes.count / 4), output: .init(totalTokenCount: 1))
            if number < calls.count {
                return .answer(
                    Answer(entries: [Entry(.toolCalls([calls[number]]))], finishReason: .toolCalls, usage: usage)
                )
            }
            return .answer(.text("ok", usage: usage))
        }
    }

    private func session(
        _ model: some LanguageModel,
        _ window: ContextWindow,
        tools: [any Tool] = [],
        history: [Entry] = [],
        observers: [any TurnObserver] = [],
        store: (any SessionStore)? = nil
    ) async throws -> ModelSession {
        var configuration = SessionConfiguration(retries: .none)
        configuration.contextWindow = window
        return try await Boundary(store: store ?? memory, observers: observers)
            .session(
                SessionKey("s"),
                model: model,
                tools: tools,
                instructions: "Be brief.",
                history: history,
                configuration: configuration
            )
    }

    private let long = String(repeating: "long ", count: 80)

    @Test func `the view is made smaller before a call that would exceed the window, and then not again at once`()
        async throws
    {
        let recorder = Recorder()
        let observer = CompactionObserver()
        let window = ContextWindow(limit: 1200, reserve: 200, target: 400, strategies: [.rollingWindow(tokens: 300)])
        let session = try await session(
            Self.model(limit: 4000, recorder: recorder),
            window,
            observers: [observer]
        )
        var compactions: [Compaction] = []
        for turn in 0..<40 {
            let response = try await session.respond(to: "p\(turn) \(long)")
            compactions += response.trace.compactions
            if let compaction = response.trace.compactions.first {
                #expect(compaction.trigger == .beforeCall)
                #expect(compaction.tokensBefore > 1000 && compaction.tokensAfter <= 400)
                let kept = "begin\ninstructions:Be brief.\n".utf8.count
                #expect(compaction.keptPrefixBytes == kept)
                #expect((kept...kept + 10).contains(response.trace.crossings[0].prefixBytes))
                #expect(response.trace.crossings.count == 1)
            }
            #expect(strictFault(of: session.transcript) == nil)
        }
        #expect(recorder.bodies.count == 40)
        #expect((4...9).contains(compactions.count))
        #expect(observer.seen.withLock { $0 } == compactions)
        // What was left out is in the log.
        #expect(session.snapshot.head.totals.entries == 81)
        let last = try #require(compactions.last)
        try await session.rewind(to: last.previousRevision)
        #expect(session.transcript.count > last.entriesAfter)
    }

    @Test func `a turn within the window costs one batch and leaves no trace of the window`() async throws {
        let window = ContextWindow(limit: 100_000, strategies: [.rollingWindow(turns: 1)])
        let session = try await session(Self.model(limit: 4000), window)
        let response = try await session.respond(to: "p")
        #expect(response.trace.storeRoundTrips == 1)
        #expect(response.trace.compactions.isEmpty)
        #expect(session.snapshot.position.revision == 2)
    }

    @Test(arguments: [false, true])
    func `a request that the provider refuses as too long is made again once, and smaller`(isStreamed: Bool)
        async throws
    {
        let history: [Entry] = (0..<10).flatMap { [.prompt("p\($0) \(long)"), .response("r")] }
        let window = ContextWindow(limit: 1_000_000, strategies: [.rollingWindow(turns: 2)])
        let session = try await session(Self.model(limit: 1000), window, history: history)
        let response =
            isStreamed
            ? try await session.streamResponse(to: "now").collect() : try await session.respond(to: "now")
        #expect(response.content == "ok")
        #expect(response.trace.crossings.map(\.outcome) == [.failed("context_size_exceeded"), .answered(.stop)])
        #expect(response.trace.compactions.map(\.trigger) == [.sizeExceeded])
        #expect(session.transcript.count == 5)
        #expect(try await session.ledger().count == 2)
        #expect(response.trace.storeRoundTrips == 2)
    }

    @Test func `a second refusal in a turn is its error, and the compacted view stays`() async throws {
        let history: [Entry] = (0..<10).flatMap { [.prompt("p\($0) \(long)"), .response("r")] }
        let window = ContextWindow(limit: 1_000_000, strategies: [.rollingWindow(turns: 3), .rollingWindow(turns: 1)])
        let session = try await session(Self.model(limit: 10), window, history: history)
        await #expect(throws: SessionError.model(.contextSizeExceeded(message: "too long"))) {
            try await session.respond(to: "now")
        }
        #expect(try await session.ledger().map(\.outcome).count == 2)
        #expect(session.transcript.count < 21)
        #expect(!session.transcript.contains { $0.text == "now" })
    }

    @Test func `without a smaller view the provider's refusal is the error at once`() async throws {
        let window = ContextWindow(limit: 1_000_000, strategies: [.rollingWindow(turns: 3)])
        let session = try await session(Self.model(limit: 10), window)
        await #expect(throws: SessionError.model(.contextSizeExceeded(message: "too long"))) {
            try await session.respond(to: "now")
        }
        #expect(try await session.ledger().count == 1)
    }

    @Test(arguments: [ContextWindow.Triggers.beforeCall, .sizeExceeded])
    func `a trigger that is not chosen does nothing`(triggers: ContextWindow.Triggers) async throws {
        let history: [Entry] = (0..<10).flatMap { [.prompt("p\($0) \(long)"), .response("r")] }
        let isBefore = triggers == .beforeCall
        let window = ContextWindow(
            limit: isBefore ? 1_000_000 : 100,
            strategies: [.rollingWindow(turns: 1)],
            triggers: triggers
        )
        let session = try await session(Self.model(limit: isBefore ? 1000 : 1_000_000), window, history: history)
        _ = try? await session.respond(to: "now")
        #expect(session.snapshot.head.view.revision == 0)
    }

    @Test func `outputs of the turn under way are shortened as sent, and committed whole`() async throws {
        let recorder = Recorder()
        let output = String(repeating: "output ", count: 1000)
        let calls = (0..<3).map { ToolCall(id: "c\($0)", name: "big", arguments: "{}") }
        let window = ContextWindow(limit: 1500, reserve: 200, strategies: [.trimToolOutputs(over: 50)])
        let session = try await session(
            Self.model(limit: 8000, calls: calls, recorder: recorder),
            window,
            tools: [TestTool(name: "big", work: { output })],
            history: [.prompt("before"), .response("r")]
        )
        let response = try await session.respond(to: "go")
        #expect(response.content == "ok")
        #expect(recorder.bodies.allSatisfy { $0.count < 8000 })
        #expect(response.trace.compactions.allSatisfy { $0.shortenedOutputs > 0 && $0.revision == nil })
        #expect(response.trace.compactions.count == 3)
        // Whole in the log and in the view.
        let outputs = session.transcript.filter(\.isToolOutput).map(\.text)
        #expect(outputs == [output, output, output])
        let cold = try await Boundary(store: memory).session(SessionKey("s"), model: LineModel([]), opening: .resume)
        #expect(cold.transcript == session.transcript)
        #expect(cold.snapshot.head == session.snapshot.head)
        #expect(cold.snapshot.rendering.bytes == session.snapshot.rendering.bytes)
        // The next request shortens what is in the view, in a batch.
        let next = try await session.respond(to: "more")
        #expect(next.trace.compactions.first?.revision != nil)
        let (before, after) = (recorder.bodies[recorder.bodies.count - 2], recorder.bodies[recorder.bodies.count - 1])
        let common = zip(before, after).prefix { $0 == $1 }.count
        #expect(next.trace.crossings[0].prefixBytes <= common)
        #expect(next.trace.crossings[0].prefixBytes > 0)
    }

    @Test func `a cold handle does not count outputs as sent that were sent shortened`() async throws {
        let recorder = Recorder()
        let output = String(repeating: "output ", count: 1000)
        let window = ContextWindow(limit: 1500, reserve: 200, strategies: [.trimToolOutputs(over: 50)])
        let session = try await session(
            Self.model(limit: 8000, calls: [ToolCall(id: "c", name: "big", arguments: "{}")], recorder: recorder),
            window,
            tools: [TestTool(name: "big", work: { output })]
        )
        try await session.respond(to: "go")
        let other = LineModel([])
        let cold = try await Boundary(store: memory).session(SessionKey("s"), model: other, opening: .resume)
        let response = try await cold.respond(to: "next")
        let common = zip(recorder.bodies[1], other.bodies[0]).prefix { $0 == $1 }.count
        #expect(response.trace.crossings[0].prefixBytes <= common)
    }

    @Test func `a summary in a turn is in the ledger before the turn's calls, and not in its crossings`() async throws {
        let history: [Entry] = (0..<10).flatMap { [.prompt("p\($0) \(long)"), .response("r")] }
        let summarizer = LineModel([.text("short")], name: "small")
        let window = ContextWindow(limit: 1000, reserve: 0, strategies: [.summarize(with: summarizer)])
        let session = try await session(Self.model(limit: 4000), window, history: history)
        let response = try await session.respond(to: "now")
        #expect(response.trace.crossings.count == 1)
        #expect(response.trace.compactions[0].crossings.map(\.route.model) == ["small"])
        #expect(try await session.ledger().map(\.route.model) == ["small", "script"])
        #expect(strictFault(of: session.transcript) == nil)
    }

    @Test func `a turn continues although the summary fails, and its call is recorded once`() async throws {
        let history: [Entry] = (0..<10).flatMap { [.prompt("p\($0) \(long)"), .response("r")] }
        let error = ModelError.overloaded(retryAfter: nil, message: "busy")
        let summarizer = LineModel([LineModel.Reply(refused: error)], name: "small")
        let window = ContextWindow(limit: 1000, reserve: 0, strategies: [.summarize(with: summarizer)])
        let session = try await session(Self.model(limit: 1_000_000), window, history: history)
        let response = try await session.respond(to: "now")
        #expect(response.content == "ok")
        #expect(response.trace.compactions.isEmpty)
        #expect(try await session.ledger().map(\.outcome) == [.failed("overloaded"), .answered(.stop)])
        #expect(session.transcript.count == 23)
    }

    @Test func `a store that does not take the view ends the turn before its call`() async throws {
        let history: [Entry] = (0..<10).flatMap { [.prompt("p\($0) \(long)"), .response("r")] }
        let store = FlakyStore(memory)
        let recorder = Recorder()
        let window = ContextWindow(limit: 1000, reserve: 0, strategies: [.rollingWindow(turns: 1)])
        let session = try await session(
            Self.model(limit: 4000, recorder: recorder),
            window,
            history: history,
            store: store
        )
        store.failNext(.refused(.denied, .no))
        await #expect(throws: SessionError.self) { try await session.respond(to: "now") }
        #expect(recorder.bodies.isEmpty)
        #expect(session.transcript.count == 21)
        store.failNoMore()
        #expect(try await session.respond(to: "now").content == "ok")
        #expect(session.transcript.count == 3)
    }

    @Test func `a turn whose view others extended does not take their entries in`() async throws {
        let history: [Entry] = (0..<10).flatMap { [.prompt("p\($0) \(long)"), .response("r")] }
        let first = try await session(
            LineModel([]),
            ContextWindow(limit: 1_000_000, strategies: []),
            history: history
        )
        let writer = try await Boundary(store: memory).session("s", opening: .resume)
        let busy = LineModel([.text("short")], name: "small") { _ = try? await writer.respond(to: "meanwhile") }
        var configuration = SessionConfiguration(retries: .none)
        configuration.contextWindow = ContextWindow(limit: 1000, reserve: 0, strategies: [.summarize(with: busy)])
        let late = try await Boundary(store: memory)
            .session(SessionKey("s"), model: Self.model(limit: 1_000_000), configuration: configuration)
        do throws(SessionError) {
            try await late.respond(to: "now")
            Issue.record("the view had changed")
        } catch {
            guard case .notCommitted = error else { throw error }
            #expect(error.draft?.answer == "ok")
        }
        try await first.refresh()
        #expect(first.transcript.contains { $0.text == "meanwhile" })
        #expect(first.snapshot.head.view.revision == 0)
        let ledger = try await first.ledger()
        #expect(ledger.count { $0.route.model == "small" } == 1)
        #expect(ledger.count { $0.route.model == "script" } == 1)
    }
}
