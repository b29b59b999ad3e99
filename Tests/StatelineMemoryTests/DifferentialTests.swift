import Foundation
import Stateline
import StatelineMemory
import StatelineTesting
import Testing

/// Random operations on the memory store and on the reference, whose answers have to be the same.
@Suite struct DifferentialTests {
    @Test(arguments: [nil, Lifetime.idle(.seconds(20)), .both(idle: .seconds(20), absolute: .seconds(45))])
    func `the store answers what the reference answers`(lifetime: Lifetime?) async throws {
        let given = ProcessInfo.processInfo.environment["STATELINE_SEED"].flatMap { UInt64($0) }
        let seed = given ?? .random(in: .min ... .max)
        print("DifferentialTests: STATELINE_SEED=\(seed)")
        var random = SeededGenerator(seed: seed)
        let (clock, retention) = (ManualClock(), Duration.seconds(50))
        var pair = StorePair(
            MemoryStore(lifetime: lifetime, retention: retention, clock: clock),
            reference: ReferenceStore(lifetime: lifetime, retention: retention, clock: clock),
            acknowledged: .memory
        ) {
            clock.advance(by: $0)
        }
        for step in 0..<3000 {
            do { try await pair.step(using: &random) } catch {
                Issue.record("step \(step) of seed \(seed): \(error)")
                return
            }
        }
    }
}
