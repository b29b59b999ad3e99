/// All series of one name.
struct MetricFamily: Sendable {
    /// The type, by Prometheus's name.
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    let name: String
    let kind: Kind
    let help: String
    let buckets: [Double]
    private(set) var series: [LabelSet: Series] = [:]

    init(name: String, kind: Kind, definition: MetricDefinition) {
        self.name = name
        self.kind = kind
        self.help = definition.help
        let isDefined = !definition.buckets.isEmpty
        self.buckets = isDefined ? definition.buckets : definition.unit == .seconds ? .seconds : .tokens
    }

    /// Makes a family of one series with a value.
    init(name: String, kind: Kind = .gauge, help: String, labels: LabelSet = LabelSet([]), value: Double) {
        self.init(name: name, kind: kind, definition: MetricDefinition(name, help: help))
        switch kind {
        case .counter: self.series[labels] = .counter(CounterSeries(value))
        case .gauge, .histogram: self.series[labels] = .gauge(GaugeSeries(value))
        }
    }

    /// Returns the series with the given labels.
    ///
    /// A new series is made up to the limit; labels beyond it share one series.
    mutating func series(_ labels: LabelSet, limit: Int) -> Series {
        if let known = series[labels] { return known }
        let labels = series.count < limit ? labels : .overflow
        if let known = series[labels] { return known }
        let made: Series =
            switch kind {
            case .counter: .counter(CounterSeries())
            case .gauge: .gauge(GaugeSeries())
            case .histogram: .histogram(HistogramSeries(bounds: buckets))
            }
        series[labels] = made
        return made
    }

    /// Writes the family with its header.
    func write(to page: inout String) {
        page += "# HELP \(name) \(PrometheusText.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
        let sorted = series.map { (labels: $0.key.text, series: $0.value) }.sorted { $0.labels < $1.labels }
        for (labels, series) in sorted {
            switch series {
            case .counter(let counter): write(name, labels, PrometheusText.number(counter.current), to: &page)
            case .gauge(let gauge): write(name, labels, PrometheusText.number(gauge.current), to: &page)
            case .histogram(let histogram): write(histogram, labels, to: &page)
            }
        }
    }

    private func write(_ histogram: HistogramSeries, _ labels: String, to page: inout String) {
        let (counts, sum) = histogram.current
        let separator = labels.isEmpty ? "" : ","
        var count: UInt64 = 0
        for (index, bucket) in counts.enumerated() {
            count += bucket
            let bound = buckets.indices.contains(index) ? PrometheusText.number(buckets[index]) : "+Inf"
            write("\(name)_bucket", "\(labels)\(separator)le=\"\(bound)\"", "\(count)", to: &page)
        }
        write("\(name)_sum", labels, PrometheusText.number(sum), to: &page)
        write("\(name)_count", labels, "\(count)", to: &page)
    }

    private func write(_ name: String, _ labels: String, _ value: String, to page: inout String) {
        page += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }
}

/// The labels of a series, sorted, in the text format: two sets with the same text are equal.
struct LabelSet: Hashable, Sendable {
    /// The label of the series that labels beyond the limit share.
    static let overflow = LabelSet([("otel.metric.overflow", "true")])

    /// The labels between the braces.
    let text: String

    init(_ dimensions: [(String, String)]) {
        var values: [String: String] = [:]
        for (label, value) in dimensions {
            var name = PrometheusText.identifier(label)
            // Avoids the bucket's own label, and a label whose identifier equals another's.
            while name == "le" || values[name] != nil { name = "exported_\(name)" }
            values[name] = PrometheusText.cut(value, to: PrometheusExporter.labelLimit)
        }
        self.text = values.sorted { $0.key < $1.key }
            .map { "\($0.key)=\"\(PrometheusText.escaped($0.value, quotes: true))\"" }
            .joined(separator: ",")
    }
}
