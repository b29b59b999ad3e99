internal import Histogram

/// Times of one kind, in a histogram of three significant digits from a microsecond to an hour.
///
/// Source: G. Tene, *HdrHistogram*, http://hdrhistogram.org
public struct Latencies: Sendable {
    private static let longest: UInt64 = 3_600_000_000

    private var histogram = Histogram<UInt64>(
        lowestDiscernibleValue: 1,
        highestTrackableValue: longest,
        numberOfSignificantValueDigits: .three
    )

    /// Makes one without times.
    public init() {}

    /// Adds a time; what is longer than an hour is taken for one.
    public mutating func record(_ time: Duration) {
        let microseconds = UInt64(max(0, time.nanoseconds) + 500) / 1000
        histogram.record(min(microseconds, Self.longest))
    }

    /// Adds the times of another one: the percentiles are then those of all of them.
    public mutating func add(_ other: Latencies) {
        histogram.add(other.histogram)
    }

    /// How many times there are.
    public var count: Int { Int(histogram.totalCount) }

    /// The time that a share of all times are not above, to three digits; zero where there are none.
    ///
    /// - Parameter share: 0 ... 1.
    /// - Returns: The time.
    public func quantile(_ share: Double) -> Duration {
        guard count > 0 else { return .zero }
        return .microseconds(min(histogram.valueAtPercentile(share * 100), histogram.max))
    }

    /// All percentiles as a file `.hgrm` in HdrHistogram's format, in milliseconds; its plotters read it.
    ///
    /// - Complexity: O(*n*) in the number of lines, about five for each halving of what is above.
    public var percentileDistribution: String {
        var text = ""
        histogram.outputPercentileDistribution(to: &text, outputValueUnitScalingRatio: 1000)
        return text
    }

    /// A time of a spectrum.
    struct Level {
        /// The time, to three digits.
        let time: Duration
        /// How many times are not above it.
        let count: Int
    }

    /// Times from the shortest to the longest with how many are not above each, the closer the nearer to the end: fifty
    /// for each halving of what is above.
    ///
    /// - Complexity: O(log *n*) levels.
    var spectrum: [Level] {
        var levels: [Level] = []
        for value in histogram.percentiles(ticksPerHalfDistance: 50) {
            let count = Int((value.percentile / 100 * Double(histogram.totalCount)).rounded())
            guard count > levels.last?.count ?? 0 else { continue }
            levels.append(Level(time: .microseconds(min(value.value, histogram.max)), count: count))
        }
        return levels
    }

    /// The longest time, to three digits.
    public var longest: Duration { count > 0 ? .microseconds(histogram.max) : .zero }
}
