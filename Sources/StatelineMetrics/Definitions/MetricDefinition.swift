/// What a metric is, beside its values: what an exporter needs to know that swift-metrics does not carry.
public struct MetricDefinition: Hashable, Sendable {
    /// What a metric counts in.
    public enum Unit: String, Hashable, Sendable {
        /// Seconds.
        case seconds
        /// Bytes.
        case bytes
        /// A number of things, or a ratio: the name says of what.
        case one = ""
    }

    /// The name, with dots, as it is given to swift-metrics.
    public let name: String
    /// What the values are in.
    public let unit: Unit
    /// What the metric means, in one sentence.
    public let help: String
    /// The upper bounds of a histogram's buckets, rising; empty for what is no histogram.
    public let buckets: [Double]

    /// Defines a metric.
    ///
    /// - Parameters:
    ///   - name: The name, with dots.
    ///   - unit: What the values are in.
    ///   - help: What the metric means, in one sentence.
    ///   - buckets: The upper bounds of a histogram's buckets, rising and at most ``maximumBuckets``.
    public init(_ name: String, unit: Unit = .one, help: String, buckets: [Double] = []) {
        precondition(buckets.count <= Self.maximumBuckets, "a histogram has at most \(Self.maximumBuckets) buckets")
        precondition(zip(buckets, buckets.dropFirst()).allSatisfy(<), "the bounds of buckets rise")
        self.name = name
        self.unit = unit
        self.help = help
        self.buckets = buckets
    }

    /// The most buckets that a histogram may have, the last one without a bound aside.
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
    /// 10 ms to 81.92 s, doubling, as the conventions for generative AI want it.
    static let modelSeconds: [Double] = (0...13).map { 0.01 * Double(1 << $0) }
    /// 1 to 67108864, by four, as the conventions for generative AI want it.
    static let tokens: [Double] = (0...13).map { Double(1 << (2 * $0)) }
    /// 256 B to 64 MiB, by four.
    static let bytes: [Double] = (4...13).map { Double(1 << (2 * $0)) }
    /// Parts of a whole.
    static let ratio: [Double] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.75, 1]
    /// What is sent for what is new.
    static let amplification: [Double] = [1, 1.5, 2, 4, 8, 16, 32, 64, 128, 256, 1024]
    /// A few.
    static let few: [Double] = [1, 2, 3, 4, 5, 8]

    /// A decimal number, as near as it can be written.
    private static func scaled(_ mantissa: Double, _ exponent: Int) -> Double {
        var power = 1.0
        for _ in 0..<abs(exponent) { power *= 10 }
        return exponent < 0 ? mantissa / power : mantissa * power
    }
}
