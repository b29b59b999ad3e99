public import CoreMetrics
internal import NIOConcurrencyHelpers
public import Stateline

/// A recorder of the figures of stores and caches through swift-metrics.
///
/// ```swift
/// let metrics = SourceMetrics([store, cache], factory: exporter)
/// try await metrics.run()  // or metrics.record(), just before a page is written
/// ```
///
/// Gauges are set, and counters are incremented by their growth since the last record. A gauge that its source does not
/// report any more, such as that of a server that has left a cluster, is set to 0. The figures of sources with the same
/// names and labels add up; give each source a recorder of its own to distinguish them.
public final class SourceMetrics: Sendable {
    private struct Series: Hashable {
        let name: String
        let labels: [String: String]

        var dimensions: [(String, String)] { labels.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
    }

    private let sources: [any MetricSource]
    private let factory: any MetricsFactory
    private let interval: Duration
    private let clock: any Clock<Duration>
    /// The last record.
    private struct Record {
        /// The value of each counter.
        var counters: [Series: Int] = [:]
        /// The gauges that were set.
        var gauges: Set<Series> = []
    }

    private let recorded = NIOLockedValueBox(Record())

    /// Makes a recorder of sources.
    ///
    /// - Parameters:
    ///   - sources: The stores and caches.
    ///   - factory: The backend that records the figures.
    ///   - interval: The interval between two records of ``run()``.
    ///   - clock: The clock of the interval.
    public init(
        _ sources: [any MetricSource],
        factory: any MetricsFactory = MetricsSystem.factory,
        interval: Duration = .seconds(5),
        clock: some Clock<Duration> = ContinuousClock()
    ) {
        precondition(interval > .zero, "the interval must be above zero")
        self.sources = sources
        self.factory = factory
        self.interval = interval
        self.clock = clock
    }

    /// Records the figures of the moment.
    ///
    /// - Complexity: O(*n*) in the number of figures; a lock keeps two records from counting the same events.
    public func record() {
        recorded.withLockedValue { recorded in
            var gauges: [Series: Int] = [:]
            var counters: [Series: Int] = [:]
            for value in sources.flatMap(\.metricValues) {
                let series = Series(name: value.name, labels: value.labels)
                switch value.kind {
                case .gauge: gauges[series, default: 0] += value.value
                case .counter: counters[series, default: 0] += value.value
                }
            }
            for series in recorded.gauges where gauges[series] == nil { gauges[series] = 0 }
            recorded.gauges = Set(gauges.keys)
            for (series, value) in gauges {
                factory.makeMeter(label: series.name, dimensions: series.dimensions).set(Int64(value))
            }
            for (series, value) in counters {
                let counter = factory.makeCounter(label: series.name, dimensions: series.dimensions)
                // Also by zero, so that the series exists before its first event.
                counter.increment(by: Int64(max(0, value - recorded.counters[series, default: 0])))
                recorded.counters[series] = value
            }
        }
    }

    /// Records at each interval, until the task is cancelled.
    public func run() async throws {
        while !Task.isCancelled {
            record()
            do { try await clock.sleep(for: interval) } catch { return }
        }
    }
}
