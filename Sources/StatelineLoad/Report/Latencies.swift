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

    /// Makes latencies without times.
    public init() {}

    /// Adds a time; a time over an hour counts as an hour.
    public mutating func record(_ time: Duration) {
        let microseconds = UInt64(max(0, time.nanoseconds) + 500) / 1000
        histogram.record(min(microseconds, Self.longest))
    }

    /// Adds the times of other latencies.
    public mutating func add(_ other: Latencies) {
        histogram.add(other.histogram)
    }

    /// The number of times.
    public var count: Int { Int(histogram.totalCount) }

    /// Returns the time that a share of all times does not exceed, to three digits; zero if there are no times.
    ///
    /// - Parameter share: 0 ... 1.
    /// - Returns: The time.
    public func quantile(_ share: Double) -> Duration {
        guard count > 0 else { return .zero }
        return .microseconds(histogram.valueAtPercentile(share * 100))
    }

    /// Returns the time that a share of all times does not exceed, in microseconds.
    func microseconds(_ share: Double) -> Double { Double(quantile(share).nanoseconds) / 1000 }

    /// The percentiles as a `.hgrm` file in HdrHistogram's format, in milliseconds, for its plotters.
    ///
    /// - Complexity: O(*n*) in the number of lines, about five for each halving of the remaining share.
    public var percentileDistribution: String {
        var text = ""
        histogram.outputPercentileDistribution(to: &text, outputValueUnitScalingRatio: 1000)
        return text
    }

    /// A time of a spectrum.
    struct Level {
        /// The time, to three digits.
        let time: Duration
        /// The number of times that do not exceed it.
        let count: Int
    }

    /// Times from the shortest to the longest, each with the number of times that do not exceed it: 50 for each halving
    /// of the remaining share.
    ///
    /// - Complexity: O(log *n*) levels.
    var spectrum: [Level] {
        var levels: [Level] = []
        for value in histogram.percentiles(ticksPerHalfDistance: 50) {
            let count = Int((value.percentile / 100 * Double(histogram.totalCount)).rounded())
            guard count > levels.last?.count ?? 0 else { continue }
            levels.append(Level(time: .microseconds(min(value.value, histogram.maxRecorded)), count: count))
        }
        return levels
    }

    /// The longest time, to the microsecond.
    public var longest: Duration { count > 0 ? .microseconds(histogram.maxRecorded) : .zero }
}

extension Latencies: Codable {
    private enum CodingKeys: String, CodingKey {
        case count, p50Us, p90Us, p99Us, p999Us, p9999Us, maxUs, levels
    }

    /// All recorded times, to three digits, with the number of each.
    private struct Levels: Codable {
        var us: [UInt64] = []
        var count: [UInt64] = []
    }

    /// Reads the recorded times; percentiles follow from them.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let levels = try container.decode(Levels.self, forKey: .levels)
        func refuse(_ reason: String) -> DecodingError {
            .dataCorruptedError(forKey: .levels, in: container, debugDescription: reason)
        }
        guard levels.us.count == levels.count.count else { throw refuse("a level has no count") }
        var rest = UInt64(Int.max)
        for (time, count) in zip(levels.us, levels.count) {
            guard time <= histogram.highestEquivalentForValue(Self.longest) else { throw refuse("over an hour") }
            guard count > 0, count <= rest else { throw refuse("an impossible count") }
            rest -= count
            histogram.record(min(time, Self.longest), count: count)
        }
    }

    /// Writes all recorded times, and the percentiles for readers that compute nothing.
    public func encode(to encoder: any Encoder) throws {
        var levels = Levels()
        for value in histogram.recordedValues() {
            levels.us.append(min(value.value, histogram.maxRecorded))
            levels.count.append(value.count)
        }
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(count, forKey: .count)
        let shares: [(CodingKeys, Double)] = [
            (.p50Us, 0.5), (.p90Us, 0.9), (.p99Us, 0.99), (.p999Us, 0.999), (.p9999Us, 0.9999),
        ]
        for (key, share) in shares { try container.encode(Int(microseconds(share)), forKey: key) }
        try container.encode(longest.nanoseconds / 1000, forKey: .maxUs)
        try container.encode(levels, forKey: .levels)
    }
}
