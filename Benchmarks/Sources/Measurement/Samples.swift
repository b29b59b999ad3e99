/// The costs of contenders in one interleaved run, block by block.
///
/// In a block each contender runs twice: in a random order, then in the reverse order (ABBA), so that drift of the
/// machine affects all alike.
package struct Samples<Contender: Hashable & Sendable>: Sendable {
    /// The cost of each contender in each block.
    package private(set) var blocks: [[Contender: Double]] = []

    private var generator: SplitMix64

    /// Makes an empty run.
    ///
    /// - Parameters:
    ///   - seed: The seed of the orders, and of the resampling in ``ratio(of:to:)``.
    ///   - blocks: Blocks that were measured already.
    package init(seed: UInt64, blocks: [[Contender: Double]] = []) {
        self.generator = SplitMix64(state: seed)
        self.blocks = blocks
    }

    /// Runs one block; `measure` runs a contender and returns its cost.
    package mutating func runBlock(
        _ contenders: [Contender],
        measure: (Contender) async throws -> Double
    ) async rethrows {
        let order = contenders.shuffled(using: &generator)
        var block: [Contender: Double] = [:]
        for contender in order + order.reversed() {
            block[contender, default: 0] += try await measure(contender)
        }
        blocks.append(block)
    }

    /// The mean cost of a contender's run.
    package func mean(of contender: Contender) -> Double {
        blocks.reduce(0) { $0 + $1[contender, default: 0] } / Double(2 * blocks.count)
    }

    /// Returns the ratio of the costs of two contenders.
    ///
    /// The interval is the bootstrap's 95 % percentile interval, over blocks.
    ///
    /// Source: B. Efron, R. J. Tibshirani, *An Introduction to the Bootstrap*, 1993, chapter 13.
    package func ratio(of contender: Contender, to peer: Contender) -> Ratio {
        interval(blocks.map { ($0[contender, default: 0], $0[peer, default: 0]) })
    }

    /// Returns the mean cost of a contender's run, with the same kind of interval.
    package func interval(of contender: Contender) -> Ratio {
        interval(blocks.map { ($0[contender, default: 0], 2) })
    }

    private func interval(_ pairs: [(Double, Double)]) -> Ratio {
        precondition(pairs.count >= 2, "an interval needs blocks")
        var generator = generator
        var ratios: [Double] = []
        for _ in 0..<2_000 {
            var (ours, theirs) = (0.0, 0.0)
            for _ in pairs.indices {
                let pair = pairs[Int.random(in: pairs.indices, using: &generator)]
                ours += pair.0
                theirs += pair.1
            }
            ratios.append(ours / theirs)
        }
        ratios.sort()
        let (ours, theirs) = pairs.reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
        return Ratio(value: ours / theirs, low: ratios[50], high: ratios[1_949])
    }
}

/// A ratio and its 95 % interval.
package struct Ratio: Hashable, Sendable {
    /// The ratio of the means.
    package let value: Double
    /// The interval's lower end.
    package let low: Double
    /// The interval's upper end.
    package let high: Double

    /// Makes a ratio.
    package init(value: Double, low: Double, high: Double) {
        self.value = value
        self.low = low
        self.high = high
    }

    /// A ratio of counts that are the same in each run.
    package init(exactly value: Double) {
        self.init(value: value, low: value, high: value)
    }
}

/// A small seeded generator.
///
/// Source: G. L. Steele, D. Lea, C. H. Flood, *Fast Splittable Pseudorandom Number Generators*, OOPSLA 2014.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts a sequence.
    package init(state: UInt64) {
        self.state = state
    }

    /// The next number.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
