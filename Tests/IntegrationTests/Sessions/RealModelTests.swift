import Foundation
import Stateline
import StatelineMemory
import StatelineModels
import Testing

private let modelURL = ProcessInfo.processInfo.environment["STATELINE_MODEL_URL"]
private let modelName = ProcessInfo.processInfo.environment["STATELINE_MODEL"] ?? "smollm2-135m"

/// A conversation with a real model, on request.
///
/// `STATELINE_MODEL_URL=http://127.0.0.1:8080/v1 STATELINE_MODEL=smollm2-135m swift test --filter RealModelTests`
@Suite(.enabled(if: modelURL != nil, "set STATELINE_MODEL_URL to the base URL of a model"))
struct RealModelTests {
    @Test func `a real model holds a conversation of three turns, plain and streamed`() async throws {
        let model = try ChatCompletionsModel(baseURL: try #require(modelURL), model: modelName)
        let boundary = Boundary(store: MemoryStore())
        let session = try await boundary.session(SessionKey("s"), model: model, instructions: "Answer in one sentence.")
        let options = GenerationOptions(temperature: 0, maximumResponseTokens: 48)
        for (turn, prompt) in ["What is the capital of France?", "And of Italy?", "Which is larger?"].enumerated() {
            let response =
                turn == 1
                ? try await session.streamResponse(to: prompt, options: options).collect()
                : try await session.respond(to: prompt, options: options)
            #expect(!response.content.isEmpty)
            #expect(response.trace.storeRoundTrips == 1)
            #expect(response.trace.prefix == (turn == 0 ? .first : .extended))
        }
        #expect(session.transcript.count == 7)
        #expect(session.snapshot.head.amplification > 1.5)
    }
}
