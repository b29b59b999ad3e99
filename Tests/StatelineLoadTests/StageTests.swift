import NIOConcurrencyHelpers
import Stateline
import StatelineMemory
import Testing

@testable import StatelineLoad

/// The times in traces of turns, over whole loads.
@Suite(.timeLimit(.minutes(5))) struct StageTests {
    @Test(arguments: ["chat", "tools", "cold", "branching"], [false, true])
    func `stages sum to the turn within a hundredth`(_ name: String, _ isCached: Bool) async throws {
        let workload = try #require(Workload.all.first { $0.name == name })
        let sums = ObservedStages()
        var configuration = LoadConfiguration(workload.parameters(sessions: 20, rate: 1000, speed: 1e4, seed: 7))
        configuration.observers = [sums]
        let target =
            isCached
            ? LoadTarget(MemoryStore(), name: name) { MemoryCache() } : LoadTarget(MemoryStore(), name: name)
        let report = try await LoadRun(workload, against: target, configuration).run()
        let (turns, stages, total) = sums.box.withLockedValue { $0 }
        #expect(turns == report.turns && turns > 20 && report.errors == 0)
        #expect(stages <= total && total - stages <= total / 100, "\(stages) of \(total)")
    }

    @Test func `overhead is what is neither the model's nor a tool's, whatever stage has it`() async throws {
        let overheads = ObservedStages()
        var configuration = LoadConfiguration(Workload.tools.parameters(sessions: 5, rate: 1000, speed: 1e4))
        configuration.observers = [overheads]
        let target = LoadTarget(MemoryStore(), name: "memory")
        let report = try await LoadRun(.tools, against: target, configuration).run()
        #expect(report.overhead.count == report.turns && report.turns > 5)
        #expect(report.overhead.longest <= report.service.longest)
        let seen = overheads.longestOverhead.withLockedValue { $0 }
        // To three digits, and to a microsecond.
        #expect(report.overhead.longest >= seen * 0.998 - .microseconds(1))
    }
}

/// Sums the times of turns.
private final class ObservedStages: TurnObserver {
    let box = NIOLockedValueBox((turns: 0, stages: Duration.zero, total: Duration.zero))
    let longestOverhead = NIOLockedValueBox(Duration.zero)

    func turnEnded(_ turn: EndedTurn) {
        box.withLockedValue { sums in
            sums.turns += 1
            sums.stages += turn.trace.stages.sum
            sums.total += turn.trace.total
        }
        longestOverhead.withLockedValue { $0 = max($0, turn.trace.overhead) }
    }
}
