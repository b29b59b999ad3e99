internal import Stateline

/// A generator of random numbers that are reproducible from a printed seed.
///
/// Source: G. L. Steele, D. Lea, C. H. Flood, *Fast Splittable Pseudorandom Number Generators*, OOPSLA 2014 (SplitMix64).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var generator: SplitMix64

    /// Makes a generator.
    public init(seed: UInt64) {
        self.generator = SplitMix64(seed: seed)
    }

    /// Returns the next 64 bits.
    public mutating func next() -> UInt64 { generator.next() }
}
