import Foundation
import NIOCore
import Stateline
import StatelineDialects
import StatelineMemory
import StatelineModels
import StatelineTesting
import StatelineUpstream
import Testing

/// Sessions with a context window, against a server that refuses calls without outputs and bodies that are too large.
@Suite struct ContextWindowTests {
    private struct Lookup: Tool {
        struct Arguments: Decodable, Sendable {
            let city: String
        }

        let name = "lookup"
        let description = "Looks a city up."
        let parameters = JSONSchema.object(["city": .string()], required: ["city"])

        func call(arguments: Arguments, context: ToolContext) async throws -> String {
            "It is sunny in \(arguments.city). " + String(repeating: "Details follow. ", count: 40)
        }
    }

    private static func strategies(_ seed: UInt64) -> [any ContextStrategy] {
        let summarizer = FunctionModel(name: "small") { _ in .text("They spoke of cities.") }
        return switch seed % 4 {
        case 0: [.trimToolOutputs(over: 20, keepingLast: 1), .rollingWindow(turns: 2)]
        case 1: [.dropCompletedToolCalls(keepingLast: 1), .rollingWindow(tokens: 400)]
        case 2: [.summarize(with: summarizer, keepingLast: 2)]
        default: [.dropCompletedToolCalls(keepingLast: 0), .summarize(with: summarizer), .rollingWindow(turns: 1)]
        }
    }

    @Test(arguments: [0, 1, 2, 3] as [UInt64], [false, true])
    func `a server of the format takes each request, and sees the bytes that the ledger counts as sent again`(
        seed: UInt64,
        exceeds: Bool
    ) async throws {
        var settings = Upstream.Configuration()
        settings.bodyLimit = exceeds ? 8_000 : 1_000_000
        try await Upstream.withServer(settings) { upstream in
            var random = SeededGenerator(seed: seed)
            var configuration = SessionConfiguration(retries: .none)
            configuration.contextWindow = ContextWindow(
                limit: exceeds ? 1_000_000 : 1_800,
                reserve: 0,
                target: 800,
                strategies: Self.strategies(seed)
            )
            let session = try await Boundary(store: MemoryStore())
                .session(
                    SessionKey("s"),
                    model: try ChatCompletionsModel(baseURL: upstream.baseURL, model: "m"),
                    tools: [Lookup()],
                    instructions: "Be brief.",
                    configuration: configuration
                )
            var compactions: [Compaction] = []
            for step in 0..<60 {
                let prompt =
                    Bool.random(using: &random)
                    ? #"/tool lookup {"city":"Köln \#(step)"}"# + "\n" + #"/tool lookup {"city":"Łódź"}"#
                    : "Tell me about \(step), please."
                compactions += try await session.respond(to: prompt).trace.compactions
            }
            #expect(compactions.count > 1, "seed \(seed)")
            #expect(compactions.allSatisfy { $0.tokensAfter < $0.tokensBefore })
            guard !exceeds else { return }
            let ledger = try await session.ledger().filter { $0.route.model == "m" }
            let received = await upstream.report(newest: 10_000).requests.sorted { $0.index < $1.index }
            #expect(ledger.map(\.requestBytes) == received.map(\.requestBytes), "seed \(seed)")
            #expect(ledger.map(\.prefixBytes) == received.map { $0.prefixBytes ?? 0 }, "seed \(seed)")
            #expect(ledger.map(\.sentAgainBytes) == received.map { $0.sentAgainBytes ?? 0 }, "seed \(seed)")
            // The estimate before a call is near to what the server counts.
            for (crossing, request) in zip(ledger, received) {
                #expect(crossing.usage?.input.totalTokenCount == request.promptTokens)
                #expect((request.promptTokens ?? 0) < 2_400, "seed \(seed)")
            }
        }
    }
}
