import Stateline
import StatelineMemory
import StatelineDialects
import StatelineModels
import StatelineTesting
import StatelineUpstream
import Testing

/// What a session's ledger says, beside what the other side of the line received.
@Suite struct TruthTests {
    private struct Lookup: Tool {
        struct Arguments: Decodable, Sendable {
            let city: String
        }

        let name = "lookup"
        let description = "Looks a city up."
        let parameters = JSONSchema.object(["city": .string()], required: ["city"])

        func call(arguments: Arguments, context: ToolContext) async throws -> String {
            "It is sunny in \(arguments.city)."
        }
    }

    /// One thing that a user of the session does.
    private static func act(_ session: ModelSession, _ step: Int, _ random: inout SeededGenerator) async throws {
        switch Int.random(in: 0..<7, using: &random) {
        case 0:
            await #expect(throws: SessionError.self) { try await session.respond(to: "/status 500 \(step)") }
        case 1:
            let newest = session.snapshot.position.revision.rawValue
            let target = UInt64.random(in: max(1, newest / 2)...newest, using: &random)
            try await session.rewind(to: Revision(rawValue: target))
        case 2: try await session.respond(to: #"/tool lookup {"city":"Bern"}"#)
        case 3:
            let calls = ["Köln", "Łódź"].map { #"/tool lookup {"city":"\#($0)"}"# }.joined(separator: "\n")
            _ = try await session.streamResponse(to: calls).collect()
        case 4: _ = try await session.streamResponse(to: "Tell me more about \(step) 🧭").collect()
        case 5: try await session.respond(to: "the very same")
        default: try await session.respond(to: "Tell me about \(step).")
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `sent again and new are what the upstream computes from the bytes it received`(seed: UInt64) async throws {
        try await Upstream.withServer { upstream in
            var random = SeededGenerator(seed: seed)
            let model = try ChatCompletionsModel(baseURL: upstream.baseURL, model: "m")
            let session = try await Boundary(store: MemoryStore())
                .session(
                    SessionKey("s"),
                    model: model,
                    tools: [Lookup()],
                    instructions: "Be brief.",
                    configuration: SessionConfiguration(retries: RetryPolicy(base: .zero))
                )
            for step in 0..<60 { try await Self.act(session, step, &random) }
            let ledger = try await session.ledger()
            let received = await upstream.report(newest: 10_000).requests.sorted { $0.index < $1.index }
            #expect(ledger.map(\.requestBytes) == received.map(\.requestBytes), "seed \(seed)")
            #expect(ledger.map(\.sentAgainBytes) == received.map { $0.sentAgainBytes ?? 0 }, "seed \(seed)")
            #expect(ledger.map(\.prefixBytes) == received.map { $0.prefixBytes ?? 0 }, "seed \(seed)")
            let (totals, report) = (session.snapshot.head.totals, await upstream.report())
            #expect(totals.sentAgainBytes == report.sentAgainBytes, "seed \(seed)")
            #expect(totals.newBytes == report.newBytes, "seed \(seed)")
            #expect(totals.prefixBytes == report.prefixBytes, "seed \(seed)")
            for (crossing, request) in zip(ledger, received) where crossing.usage != nil {
                #expect(crossing.usage?.input.totalTokenCount == request.promptTokens)
                #expect(crossing.usage?.input.cachedTokenCount == request.cachedTokens)
            }
        }
    }

    /// A tool whose declaration takes about 1 KB.
    private struct LargeTool: Tool {
        let name: String
        let description = String(repeating: "d", count: 900)
        let parameters = JSONSchema.object()

        func call(arguments: Lookup.Arguments, context: ToolContext) async throws -> String { "" }
    }

    private static let largeTools = (10..<60).map { LargeTool(name: "tool-\($0)") }

    // The page "Sent again and new" has this session as its example.
    @Test func `a session with fifty tools has the figures of the documentation`() async throws {
        let model = ScriptedModel(dialect: ChatCompletions(), route: Route(provider: "test", model: "m")) { _, _ in
            .text("ok")
        }
        let session = try await Boundary(store: MemoryStore())
            .session(SessionKey("s"), model: model, tools: Self.largeTools)
        for _ in 0..<3 { try await session.respond(to: "hi") }
        let ledger = try await session.ledger()
        #expect(ledger.map(\.requestBytes) == [51_467, 51_534, 51_601])
        #expect(ledger.map(\.prefixBytes) == [0, 43, 110])
        #expect(ledger.map(\.sentAgainBytes) == [0, 51_453, 51_520])
        #expect(ledger.map(\.newBytes) == [51_467, 81, 81])
        #expect(session.snapshot.head.totals.newBytes == 51_629)
        #expect(session.snapshot.head.totals.prefixBytes == 153)
    }

    @Test func `fifty tools of a kilobyte are new once`() async throws {
        try await Upstream.withServer { upstream in
            let model = try ChatCompletionsModel(baseURL: upstream.baseURL, model: "m")
            let store = MemoryStore()
            let tools = Self.largeTools
            let session = try await Boundary(store: store).session(SessionKey("s"), model: model, tools: tools)
            for _ in 0..<2 { try await session.respond(to: "/say ok\nhi") }
            // Another process opens the session.
            let resumed = try await Boundary(store: store).session(SessionKey("s"), model: model, tools: tools)
            for _ in 0..<2 { try await resumed.respond(to: "/say ok\nhi") }
            let ledger = try await resumed.ledger()
            #expect(ledger[0].newBytes == ledger[0].requestBytes && ledger[0].requestBytes > 48_000)
            for crossing in ledger.dropFirst() {
                #expect(crossing.prefixBytes < 400)
                #expect(Double(crossing.requestBytes) / Double(crossing.newBytes) > 400)
            }
            let received = await upstream.report().requests
            #expect(ledger.map(\.newBytes) == received.map(\.newBytes))
        }
    }

    @Test func `over real HTTP the stages sum to the turn within one per cent`() async throws {
        try await Upstream.withServer { upstream in
            let model = try ChatCompletionsModel(baseURL: upstream.baseURL, model: "m")
            let session = try await Boundary(store: MemoryStore()).session(SessionKey("s"), model: model)
            var (stages, total) = (Duration.zero, Duration.zero)
            for turn in 0..<100 {
                let trace =
                    turn.isMultiple(of: 2)
                    ? try await session.respond(to: "turn \(turn)").trace
                    : try await session.streamResponse(to: "turn \(turn)").collect().trace
                #expect(trace[.connect] > .zero && trace[.send] > .zero && trace[.firstByte] > .zero)
                stages += trace.stages.sum
                total += trace.total
            }
            #expect(stages <= total)
            #expect(stages / total > 0.99, "the stages cover \(stages / total) of the time")
        }
    }
}
