import Synchronization

/// The highest of the values that threads saw.
final class Gauge: Sendable {
    private let highest = Atomic(0)

    var value: Int { highest.load(ordering: .relaxed) }

    func raise(to value: Int) { highest.max(value, ordering: .relaxed) }
}
