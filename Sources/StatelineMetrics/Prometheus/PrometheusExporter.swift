public import CoreMetrics

internal import NIOConcurrencyHelpers

/// A swift-metrics backend that writes its values in the Prometheus text format.
///
/// ```swift
/// let exporter = PrometheusExporter()
/// MetricsSystem.bootstrap(exporter)
/// let page = exporter.text()  // served as PrometheusExporter.contentType
/// ```
///
/// ## Names
///
/// Dots become underscores, the unit is appended, and counters end in `_total`: `stateline.store.time` is
/// `stateline_store_time_seconds_total`. Counters are counters, meters and gauges are gauges, and recorders and timers
/// are histograms; times are in seconds. A name that is already used by another kind records nothing.
///
/// ## Bounds
///
/// A metric has at most ``seriesLimit`` series and there are at most ``familyLimit`` metrics; values of labels are cut
/// to ``labelLimit`` bytes. Labels beyond the limit share one more series with the label `otel_metric_overflow="true"`,
/// so that sums stay correct; metrics beyond the limit record nothing. Series live as long as the exporter: destroying
/// a handler does not remove its counts.
///
/// - Complexity: making a handler takes a lock and is O(log *n*) within the limits; recording is lock-free.
public final class PrometheusExporter: MetricsFactory {
    /// The media type of ``text()``.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"
    /// The largest number of metrics.
    public static let familyLimit = 1000
    /// The largest number of bytes of a label's value.
    public static let labelLimit = 128

    /// The largest number of series of one metric.
    public let seriesLimit: Int

    private let definitions: [String: MetricDefinition]
    private let families = NIOLockedValueBox<[String: MetricFamily]>([:])

    /// Makes an exporter without series.
    ///
    /// - Parameters:
    ///   - definitions: The definitions of metrics. A metric without one has a general help, no unit unless it is a
    ///     timer, and buckets for seconds if it is a timer, else for counts.
    ///   - seriesLimit: The largest number of series of one metric, at least 1.
    public init(
        definitions: [MetricDefinition] = MetricDefinition.turns + MetricDefinition.sources,
        seriesLimit: Int = 500
    ) {
        precondition(seriesLimit > 0, "the limit of series must be positive")
        self.definitions = Dictionary(definitions.map { ($0.name, $0) }) { _, last in last }
        self.seriesLimit = seriesLimit
    }

    /// Makes a counter, or returns the one with these labels.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// Makes a floating-point counter, or returns the one with these labels.
    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// Makes a gauge, or returns the one with these labels.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// Makes a histogram, or a gauge if values are not to be aggregated, or returns the one with these labels.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { return histogram(label, dimensions, isTimer: false) ?? NOOPMetricsHandler.instance }
        return gauge(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// Makes a histogram of seconds, or returns the one with these labels.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions, isTimer: true) ?? NOOPMetricsHandler.instance
    }

    /// Does nothing: the counts stay.
    public func destroyCounter(_ handler: any CounterHandler) {}
    /// Does nothing: the counts stay.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    /// Does nothing: the counts stay.
    public func destroyMeter(_ handler: any MeterHandler) {}
    /// Does nothing: the counts stay.
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    /// Does nothing: the counts stay.
    public func destroyTimer(_ handler: any TimerHandler) {}

    /// Returns all values in the text format 0.0.4, sorted by name and labels.
    ///
    /// The count of a histogram is the sum of its buckets as written; its sum may or may not contain a value that is
    /// recorded at the same moment. The figures of the process are read anew, except for names that were recorded here.
    ///
    /// - Complexity: O(*n* log *n*) in the number of series; recording never waits for it.
    public func text() -> String {
        // Only the tables are copied under the lock.
        let counted = families.withLockedValue { $0 }
        // A name is on a page once: the adopter's own figures take precedence over those of the process.
        let families = counted.values + ProcessMetrics.families().filter { counted[$0.name] == nil }
        var page = ""
        for family in families.sorted(by: { $0.name < $1.name }) { family.write(to: &page) }
        return page
    }

    private func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterSeries? {
        let definition = definition(label, isTimer: false)
        guard case .counter(let counter) = series(definition, .counter, dimensions) else { return nil }
        return counter
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeSeries? {
        let definition = definition(label, isTimer: false)
        guard case .gauge(let gauge) = series(definition, .gauge, dimensions) else { return nil }
        return gauge
    }

    private func histogram(_ label: String, _ dimensions: [(String, String)], isTimer: Bool) -> HistogramSeries? {
        let definition = definition(label, isTimer: isTimer)
        guard case .histogram(let histogram) = series(definition, .histogram, dimensions) else { return nil }
        return histogram
    }

    private func definition(_ label: String, isTimer: Bool) -> MetricDefinition {
        definitions[label]
            ?? MetricDefinition(label, unit: isTimer ? .seconds : .one, help: "The metric \(label).")
    }

    private func series(
        _ definition: MetricDefinition,
        _ kind: MetricFamily.Kind,
        _ dimensions: [(String, String)]
    ) -> Series? {
        let name = PrometheusText.name(definition, isCounter: kind == .counter)
        let labels = LabelSet(dimensions)
        return families.withLockedValue { families in
            if families[name] == nil {
                guard families.count < Self.familyLimit else { return nil }
                families[name] = MetricFamily(name: name, kind: kind, definition: definition)
            }
            guard families[name]?.kind == kind else { return nil }
            return families[name]?.series(labels, limit: seriesLimit)
        }
    }
}
