internal import CoreMetrics
internal import Synchronization

/// The value of one metric with one set of labels.
enum Series: Sendable {
    case counter(CounterSeries)
    case gauge(GaugeSeries)
    case histogram(HistogramSeries)
}

extension Atomic where Value == Double {
    /// Adds an amount.
    ///
    /// Lock-free: it repeats only if another thread has added meanwhile.
    fileprivate borrowing func add(_ amount: Double) {
        var known = load(ordering: .relaxed)
        while true {
            let (exchanged, original) = weakCompareExchange(
                expected: known,
                desired: known + amount,
                ordering: .relaxed
            )
            if exchanged { return }
            known = original
        }
    }
}

/// A counter: a number that only grows.
final class CounterSeries: CounterHandler, FloatingPointCounterHandler {
    private let value: Atomic<Double>

    init(_ value: Double = 0) {
        self.value = Atomic(value)
    }

    var current: Double { value.load(ordering: .relaxed) }

    /// Adds an amount; a negative one is ignored.
    func increment(by amount: Int64) {
        increment(by: Double(amount))
    }

    /// Adds an amount; a negative or infinite one is ignored.
    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        value.add(amount)
    }

    func reset() {
        value.store(0, ordering: .relaxed)
    }
}

/// A gauge: a number that rises and falls.
final class GaugeSeries: MeterHandler, RecorderHandler {
    private let value: Atomic<Double>

    init(_ value: Double = 0) {
        self.value = Atomic(value)
    }

    var current: Double { value.load(ordering: .relaxed) }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.store(value, ordering: .relaxed) }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func increment(by amount: Double) { value.add(amount) }
    func decrement(by amount: Double) { value.add(-amount) }
}

/// A histogram: the number of values in each bucket, and their sum.
///
/// A recording is one addition to a bucket and one to the sum, both lock-free. No total is kept that could disagree
/// with the buckets.
final class HistogramSeries: TimerHandler, RecorderHandler {
    private let bounds: [Double]
    private let counts: [48 of Atomic<UInt64>]
    private let sum = Atomic<Double>(0)

    /// Makes a histogram with ascending bounds, at most ``MetricDefinition/maximumBuckets``.
    init(bounds: [Double]) {
        self.bounds = bounds
        self.counts = .init { _ in Atomic(0) }
    }

    /// The count of each bucket, not cumulative, the last one unbounded; and the sum of all values.
    var current: (counts: [UInt64], sum: Double) {
        // The sum is read first: a value that is in it is in the buckets, or will be on the next page.
        let sum = sum.load(ordering: .relaxed)
        return ((0...bounds.count).map { counts[$0].load(ordering: .relaxed) }, sum)
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    /// Counts a value; one that is not finite is ignored.
    func record(_ value: Double) {
        guard value.isFinite else { return }
        counts[bucket(of: value)].add(1, ordering: .relaxed)
        sum.add(value)
    }

    /// Returns the first bucket whose bound is not below the value.
    private func bucket(of value: Double) -> Int {
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
