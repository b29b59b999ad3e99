/// Rising times, each with the number of times that do not exceed it.
struct Spectrum: Hashable, Sendable {
    /// A time in microseconds.
    struct Level: Hashable, Sendable {
        let time: Double
        /// The number of times that do not exceed it.
        let count: Int
    }

    /// At least one, rising in both figures.
    let levels: [Level]

    /// Makes a spectrum of levels; `nil` if there are none, or they do not rise.
    init?(_ levels: [Level]) {
        guard let first = levels.first, first.count > 0, first.time >= 0 else { return nil }
        for (one, next) in zip(levels, levels.dropFirst()) where next.count <= one.count || next.time < one.time {
            return nil
        }
        self.levels = levels
    }

    /// Makes a spectrum of the times of a run; `nil` if there are none.
    init?(_ times: Latencies) {
        self.init(
            times.spectrum.map { Level(time: Double($0.time.nanoseconds) / 1000, count: $0.count) }
        )
    }

    /// The number of times.
    var count: Int { levels[levels.count - 1].count }

    /// Returns two times that enclose a quantile of their distribution.
    ///
    /// Levels are not single times: an end lies on the level beyond its rank, so the interval is never too narrow.
    ///
    /// - Parameters:
    ///   - quantile: Above 0, below 1.
    ///   - confidence: The minimum probability that the interval holds the quantile.
    /// - Returns: The interval; `nil` if there are too few times.
    func interval(of quantile: Double, confidence: Double) -> ClosedRange<Double>? {
        guard let ranks = OrderStatistics(of: quantile, count: count, confidence: confidence) else { return nil }
        let lower = levels.last { $0.count < ranks.lower } ?? levels[0]
        guard let upper = levels.first(where: { $0.count >= ranks.upper }) else { return nil }
        return lower.time...upper.time
    }
}
