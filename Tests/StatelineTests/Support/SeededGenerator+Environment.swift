import Foundation
import StatelineTesting

extension SeededGenerator {
    /// Numbers of a seed that is printed: the environment's `STATELINE_SEED`, or a random one.
    static func printed(for name: String) -> (generator: SeededGenerator, seed: UInt64) {
        let given = ProcessInfo.processInfo.environment["STATELINE_SEED"].flatMap { UInt64($0) }
        let seed = given ?? .random(in: .min ... .max)
        print("\(name): STATELINE_SEED=\(seed)")
        return (SeededGenerator(seed: seed), seed)
    }
}
