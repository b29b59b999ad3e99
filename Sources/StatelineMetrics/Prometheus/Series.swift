internal import CoreMetrics
internal import Synchronization

/// The value of one name and its labels.
enum Series: Sendable {
    case counter(CounterSeries)
    case gauge(GaugeSeries)
    case histogram(HistogramSeries)
}

extension Atomic where Value == Double {
    /// Adds, as often as others are faster: each time one of them has added.
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

/// A number that rises.
final class CounterSeries: CounterHandler, FloatingPointCounterHandler {
    private let value: Atomic<Double>

    init(_ value: Double = 0) {
        self.value = Atomic(value)
    }

    var current: Double { value.load(ordering: .relaxed) }

    /// Adds an amount; one below zero would be no counter's, and is left out.
    func increment(by amount: Int64) {
        increment(by: Double(amount))
    }

    /// Adds an amount; one below zero or without end would be no counter's, and is left out.
    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        value.add(amount)
    }

    func reset() {
        value.store(0, ordering: .relaxed)
    }
}

/// A number that rises and falls.
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

/// How often a value was how large.
///
/// A recording is one addition to a bucket and one to the sum, both lock-free; nothing is kept that could disagree with
/// the buckets.
final class HistogramSeries: TimerHandler, RecorderHandler {
    private let bounds: [Double]
    private let counts: [48 of Atomic<UInt64>]
    private let sum = Atomic<Double>(0)

    /// Makes one of rising bounds, at most ``MetricDefinition/maximumBuckets``.
    init(bounds: [Double]) {
        self.bounds = bounds
        self.counts = .init { _ in Atomic(0) }
    }

    /// What each bucket has, not summed up, the last one being without a bound; and the sum of all values.
    var current: (counts: [UInt64], sum: Double) {
        // The sum is read first: a value that is in it is in the buckets, or will be on the next page.
        let sum = sum.load(ordering: .relaxed)
        return ((0...bounds.count).map { counts[$0].load(ordering: .relaxed) }, sum)
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    /// Counts a value; what is no finite number is left out.
    func record(_ value: Double) {
        guard value.isFinite else { return }
        counts[bucket(of: value)].add(1, ordering: .relaxed)
        sum.add(value)
    }

    /// The first bucket whose bound is not below the value.
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
