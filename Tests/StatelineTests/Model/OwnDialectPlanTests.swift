import StatelineMemory
import StatelineTesting
import Testing

@testable import Stateline

/// A model whose plan names its own dialect, as a router does that always names one.
private final class ExplicitModel: LanguageModel {
    let own: CountingLines
    let isExplicit: Bool
    let route = Route(provider: "test", endpoint: "a", model: "m")
    var dialect: any Dialect { own }

    init(isExplicit: Bool) {
        self.own = CountingLines(variant: "a")
        self.isExplicit = isExplicit
    }

    func plan(for attempt: CallAttempt) -> CallPlan { CallPlan(route: route, dialect: isExplicit ? own : nil) }

    func call(_ request: ModelRequest, stopwatch: Stopwatch) async throws(ModelError) -> ModelReply {
        .answer(.text("ok"))
    }
}

@Suite struct OwnDialectPlanTests {
    @Test func `a plan that names the model's own dialect counts what is sent again`() async throws {
        var counts: [[Int]] = []
        var prefixes: [[TurnTrace.PrefixStability]] = []
        for isExplicit in [false, true] {
            let session = try await Boundary(store: MemoryStore())
                .session(SessionKey("s"), model: ExplicitModel(isExplicit: isExplicit))
            var sent: [Int] = []
            var prefix: [TurnTrace.PrefixStability] = []
            for prompt in ["one", "two", "three"] {
                let trace = try await session.respond(to: prompt).trace
                sent.append(trace.sentAgainBytes)
                prefix.append(trace.prefix)
            }
            prefixes.append(prefix)
            counts.append(sent)
        }
        #expect(counts[0] == counts[1])
        #expect(prefixes[0] == prefixes[1])
    }
}
