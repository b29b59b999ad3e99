/// A figure of a part of the process, under the name of its metric.
public struct MetricValue: Hashable, Sendable {
    /// The way in which a figure changes.
    public enum Kind: Hashable, Sendable {
        /// A present amount, which rises and falls.
        case gauge
        /// A number of events since the part was made, which only rises.
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
    /// The present figures, in a fixed order; each name and set of labels occurs once.
    ///
    /// - Complexity: cheap enough to be read once a second.
    var metricValues: [MetricValue] { get }
}
