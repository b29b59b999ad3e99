internal import Foundation

/// SplitMix64, a generator of random numbers that its seed reproduces.
///
/// Source: G. L. Steele, D. Lea, C. H. Flood, *Fast Splittable Pseudorandom Number Generators*, OOPSLA 2014.
struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Makes a generator.
    init(seed: UInt64) {
        self.state = seed
    }

    /// Makes one of many independent generators with one seed.
    init(seed: UInt64, stream: Int) {
        self.init(seed: Self.mixed(seed &+ Self.mixed(UInt64(truncatingIfNeeded: stream) &+ 1)))
    }

    /// The next 64 bits.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    /// Draws a number of 0 ..< 1, in steps of 2^-53.
    mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// Draws a number of an exponential distribution.
    mutating func exponential(mean: Double) -> Double {
        // 1 - unit() is never zero, so it has a logarithm.
        -log(1 - unit()) * mean
    }

    /// Spreads the bits of a number over all of them.
    static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
