internal import CoreMetrics
internal import Stateline

/// The repairs of histories that turns began with.
struct RepairMetrics {
    private let counters: [RepairRule: any CounterHandler]

    init(_ factory: any MetricsFactory) {
        counters = Dictionary(
            uniqueKeysWithValues: RepairRule.allCases.map { ($0, factory.counter(.repairs, ["rule": $0.rawValue])) }
        )
    }

    func record(_ trace: TurnTrace) {
        for rule in trace.repairs.rules { counters[rule]?.increment(by: Int64(trace.repairs[rule])) }
    }
}
