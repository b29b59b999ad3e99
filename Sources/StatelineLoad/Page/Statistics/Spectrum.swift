/// Times in order, with how many are not above each.
struct Spectrum: Hashable, Sendable {
    /// A time in microseconds.
    struct Level: Hashable, Sendable {
        let time: Double
        /// How many times are not above it.
        let count: Int
    }

    /// At least one, rising in both figures.
    let levels: [Level]

    /// Takes levels; `nil` where there are none, or they do not rise.
    init?(_ levels: [Level]) {
        guard let first = levels.first, first.count > 0, first.time >= 0 else { return nil }
        for (one, next) in zip(levels, levels.dropFirst()) where next.count <= one.count || next.time < one.time {
            return nil
        }
        self.levels = levels
    }

    /// Takes all times of a run; `nil` if there are none.
    init?(_ times: Latencies) {
        self.init(
            times.spectrum.map { Level(time: Double($0.time.nanoseconds) / 1000, count: $0.count) }
        )
    }

    /// How many times there are.
    var count: Int { levels[levels.count - 1].count }

    /// Two times that enclose a quantile of what the times were drawn from.
    ///
    /// Levels are not every time: an end lies on the level beyond its rank, so that the interval is never too narrow.
    ///
    /// - Parameters:
    ///   - quantile: Above 0, below 1.
    ///   - confidence: How often the interval holds the quantile, at least.
    /// - Returns: The interval; `nil` where there are too few times.
    func interval(of quantile: Double, confidence: Double) -> ClosedRange<Double>? {
        guard let ranks = OrderStatistics(of: quantile, count: count, confidence: confidence) else { return nil }
        let lower = levels.last { $0.count < ranks.lower } ?? levels[0]
        guard let upper = levels.first(where: { $0.count >= ranks.upper }) else { return nil }
        return lower.time...upper.time
    }
}
