import Foundation

/// Seeds of random tests: the environment's `STATELINE_SEED`, or a random one that is printed.
enum PrintedSeed {
    static func generator(for name: String) -> (generator: SplitMix64, seed: UInt64) {
        let given = ProcessInfo.processInfo.environment["STATELINE_SEED"].flatMap { UInt64($0) }
        let seed = given ?? .random(in: .min ... .max)
        print("\(name): STATELINE_SEED=\(seed)")
        return (SplitMix64(seed: seed), seed)
    }
}
