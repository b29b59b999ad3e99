import Foundation
import Stateline
import StatelineMemory
import StatelineTesting
import Testing

@testable import StatelineRedis

/// Random operations on the store in Redis and on the one in memory, whose answers have to be the same.
@Suite struct RedisStoreDifferentialTests {
    /// What a run is about.
    struct Case: Sendable, CustomTestStringConvertible {
        let lifetime: Lifetime?
        let retention: Duration

        var testDescription: String { "\(lifetime.map { "\($0)" } ?? "no lifetime"), \(retention)" }
    }

    static let cases = [
        Case(lifetime: nil, retention: .seconds(8)),
        Case(lifetime: nil, retention: .seconds(50)),
        Case(lifetime: .idle(.seconds(20)), retention: .seconds(3)),
        Case(lifetime: .both(idle: .seconds(20), absolute: .seconds(45)), retention: .seconds(50)),
        Case(lifetime: .absolute(.seconds(30)), retention: .zero),
    ]

    @Test(arguments: cases)
    func `the store answers what the store in memory answers, and leaves nothing behind`(run: Case) async throws {
        let given = ProcessInfo.processInfo.environment["STATELINE_SEED"].flatMap { UInt64($0) }
        let seed = given ?? .random(in: .min ... .max)
        print("RedisStoreDifferentialTests: STATELINE_SEED=\(seed)")
        try await StoreFixture.runTimed { fixture in
            var random = SeededGenerator(seed: seed)
            let (clock, server) = (ManualClock(), fixture.server)
            var pair = StorePair(
                fixture.store(run.lifetime, retention: run.retention),
                reference: MemoryStore(lifetime: run.lifetime, retention: run.retention, clock: clock),
                acknowledged: .primary
            ) {
                clock.advance(by: $0)
                try server.advance(by: $0)
            }
            for step in 0..<2000 {
                do { try await pair.step(using: &random) } catch {
                    Issue.record("step \(step) of seed \(seed): \(error)")
                    return
                }
            }
            for key in type(of: pair).keys.shuffled(using: &random) { try await pair.delete(key, at: nil) }
            // The server may keep what is over for ten seconds.
            try pair.advance(by: run.retention + .seconds(100))
            #expect(try fixture.server.command(["KEYS", "*"]) == "", "seed \(seed)")
        }
    }
}
