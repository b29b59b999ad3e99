/// A figure that is read from a part of the process, under the name of its metric.
public struct MetricValue: Hashable, Sendable {
    /// The way in which a figure changes.
    public enum Kind: Hashable, Sendable {
        /// It rises and falls: an amount of the moment.
        case gauge
        /// It only rises: a number of events since the part was made.
        case counter
    }

    /// The name of the metric, with dots.
    public let name: String
    /// The way in which the figure changes.
    public let kind: Kind
    /// The figure: bytes if the name ends in `bytes` or `limit`, else a number of things.
    public let value: Int
    /// The labels of the figure, each of few values.
    public let labels: [String: String]

    /// Makes a value.
    public init(_ name: String, _ kind: Kind, _ value: Int, _ labels: [String: String] = [:]) {
        self.name = name
        self.kind = kind
        self.value = value
        self.labels = labels
    }
}

/// A part of the process whose state can be read as figures at any time, such as a store or a cache.
public protocol MetricSource: Sendable {
    /// The figures of the moment, in a fixed order: those of one name and set of labels occur once.
    ///
    /// - Complexity: cheap enough to be read once a second.
    var metricValues: [MetricValue] { get }
}
