/// The definition of a metric: its unit, help and buckets, which an exporter needs and swift-metrics does not carry.
public struct MetricDefinition: Hashable, Sendable {
    /// The unit of a metric.
    public enum Unit: String, Hashable, Sendable {
        /// Seconds.
        case seconds
        /// Bytes.
        case bytes
        /// A number or a ratio of the items that the name says.
        case one = ""
    }

    /// The name, with dots, as it is given to swift-metrics.
    public let name: String
    /// The unit of the values.
    public let unit: Unit
    /// The meaning of the metric, in one sentence.
    public let help: String
    /// The upper bounds of a histogram's buckets, ascending; empty for other metrics.
    public let buckets: [Double]

    /// Defines a metric.
    ///
    /// - Parameters:
    ///   - name: The name, with dots.
    ///   - unit: The unit of the values.
    ///   - help: The meaning of the metric, in one sentence.
    ///   - buckets: The upper bounds of a histogram's buckets, ascending, at most ``maximumBuckets``.
    public init(_ name: String, unit: Unit = .one, help: String, buckets: [Double] = []) {
        precondition(buckets.count <= Self.maximumBuckets, "a histogram has at most \(Self.maximumBuckets) buckets")
        precondition(zip(buckets, buckets.dropFirst()).allSatisfy(<), "the bounds of buckets must ascend")
        self.name = name
        self.unit = unit
        self.help = help
        self.buckets = buckets
    }

    /// The largest number of buckets of a histogram, without the unbounded last one.
    public static let maximumBuckets = 47
}

extension [Double] {
    /// 50 us to 300 s, six to a decade.
    static let fineSeconds: [Double] =
        [5e-5, 7e-5]
        + [-4, -3, -2, -1, 0, 1].flatMap { exponent in [1, 1.5, 2, 3, 5, 7].map { scaled($0, exponent) } }
        + [100, 150, 200, 300]
    /// 10 us to 300 s, three to a decade.
    static let seconds: [Double] =
        [-5, -4, -3, -2, -1, 0, 1].flatMap { exponent in [1, 2, 5].map { scaled($0, exponent) } } + [100, 200, 300]
    /// 10 ms to 81.92 s, doubling, as the conventions for generative AI require.
    static let modelSeconds: [Double] = (0...13).map { 0.01 * Double(1 << $0) }
    /// 1 to 67108864, by four, as the conventions for generative AI require.
    static let tokens: [Double] = (0...13).map { Double(1 << (2 * $0)) }
    /// 256 B to 64 MiB, by four.
    static let bytes: [Double] = (4...13).map { Double(1 << (2 * $0)) }
    /// Fractions of a whole.
    static let ratio: [Double] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.75, 1]
    /// Ratios of bytes sent to new bytes.
    static let amplification: [Double] = [1, 1.5, 2, 4, 8, 16, 32, 64, 128, 256, 1024]
    /// Small numbers.
    static let few: [Double] = [1, 2, 3, 4, 5, 8]

    /// Returns the nearest number to a decimal fraction.
    private static func scaled(_ mantissa: Double, _ exponent: Int) -> Double {
        var power = 1.0
        for _ in 0..<abs(exponent) { power *= 10 }
        return exponent < 0 ? mantissa / power : mantissa * power
    }
}
