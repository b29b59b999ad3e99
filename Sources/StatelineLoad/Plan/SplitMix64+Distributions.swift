internal import Foundation
internal import Stateline

extension SplitMix64 {
    /// Makes the generator of one of many streams that share a seed.
    init(seed: UInt64, stream: Int) {
        self.init(seed: Self.mixed(seed &+ Self.mixed(UInt64(truncatingIfNeeded: stream) &+ 1)))
    }

    /// Draws a number of 0 ..< 1, in steps of 2^-53.
    mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// Draws a number of an exponential distribution.
    mutating func exponential(mean: Double) -> Double {
        // 1 - unit() is never zero, which has no logarithm.
        -log(1 - unit()) * mean
    }
}
