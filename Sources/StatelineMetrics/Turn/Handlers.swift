internal import CoreMetrics

/// The labels of a handler, in their order.
typealias Labels = KeyValuePairs<String, String>

// Turns use handlers, not the types around them: their generic methods cost more than the counting.
extension MetricsFactory {
    /// Makes the counter of a metric.
    func counter(_ definition: MetricDefinition, _ labels: Labels = [:]) -> any CounterHandler {
        makeCounter(label: definition.name, dimensions: Array(labels))
    }

    /// Makes the floating-point counter of a metric.
    func sum(_ definition: MetricDefinition) -> any FloatingPointCounterHandler {
        makeFloatingPointCounter(label: definition.name, dimensions: [])
    }

    /// Makes the histogram of a metric.
    func recorder(
        _ definition: MetricDefinition,
        _ labels: Labels = [:],
        and more: (String, String)? = nil
    ) -> any RecorderHandler {
        let dimensions = Array(labels) + (more.map { [$0] } ?? [])
        return makeRecorder(label: definition.name, dimensions: dimensions, aggregate: true)
    }

    /// Makes the histogram of times of a metric.
    func timer(
        _ definition: MetricDefinition,
        _ labels: Labels = [:],
        and more: (String, String)? = nil
    ) -> any TimerHandler {
        makeTimer(label: definition.name, dimensions: Array(labels) + (more.map { [$0] } ?? []))
    }
}

extension TimerHandler {
    /// Records a time.
    func record(_ duration: Duration) {
        recordNanoseconds(duration.inNanoseconds)
    }
}

extension CounterHandler {
    /// Adds an amount, unless it is zero.
    func add(_ amount: Int) {
        if amount > 0 { increment(by: Int64(amount)) }
    }
}

extension Duration {
    /// The whole nanoseconds; at most about 292 years.
    var inNanoseconds: Int64 {
        Int64(exactly: (floatingAttoseconds / 1e9).rounded()) ?? (self < .zero ? .min : .max)
    }

    /// Seconds.
    var inSeconds: Double { floatingAttoseconds / 1e18 }

    // By halves: converting and dividing 128 bits would cost more than all the counting.
    private var floatingAttoseconds: Double {
        let whole = attoseconds
        let high = Int64(truncatingIfNeeded: whole >> 64)
        return Double(high) * 0x1p64 + Double(UInt64(truncatingIfNeeded: whole))
    }
}
