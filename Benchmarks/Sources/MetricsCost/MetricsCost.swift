internal import Measurement
internal import Stateline
internal import StatelineMemory
internal import StatelineMetrics
internal import Synchronization

/// What it costs to count a turn: a real turn is kept, and counted many times.
///
///     STATELINE_LANE=benchmarks swift run -c release --package-path Benchmarks MetricsCost
///
/// It prints nanoseconds of CPU for a turn, of three rounds the least.
@main
enum MetricsCost {
    /// Keeps the newest turn.
    private final class Keeper: TurnObserver {
        let turn = Mutex<EndedTurn?>(nil)

        func turnEnded(_ turn: EndedTurn) { self.turn.withLock { $0 = turn } }
    }

    static func main() async throws {
        let keeper = Keeper()
        let boundary = Boundary(store: MemoryStore(), observers: [keeper])
        let usage = Usage(input: .init(totalTokenCount: 900, cachedTokenCount: 800), output: .init(totalTokenCount: 40))
        let model = FunctionModel { _ in .text("An answer.", usage: usage) }
        let session = try await boundary.session(SessionKey("measured"), model: model)
        for _ in 0..<10 { try await session.respond(to: "A prompt.") }
        guard let turn = keeper.turn.withLock({ $0 }) else { return }
        let metrics = TurnMetrics(factory: PrometheusExporter(), backend: "memory")
        let count = 200_000
        var least = Double.infinity
        for _ in 0..<3 {
            let start = CPUClock.now
            for _ in 0..<count { metrics.turnEnded(turn) }
            least = min(least, (CPUClock.now - start).nanoseconds / Double(count))
        }
        let stages = Stage.allCases.count { turn.trace[$0] > .zero }
        print("\(Int(least)) ns of CPU to count a turn of \(turn.trace.crossings.count) call and \(stages) stages")
    }
}
