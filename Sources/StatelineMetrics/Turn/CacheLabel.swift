internal import Stateline

/// The cache's result for a session.
enum CacheLabel: String, MetricLabel {
    case hit, miss, stale, bypass

    var index: Int {
        switch self {
        case .hit: 0
        case .miss: 1
        case .stale: 2
        case .bypass: 3
        }
    }

    init(_ outcome: CacheOutcome) {
        self =
            switch outcome {
            case .hit, .validated: .hit
            case .miss: .miss
            case .stale: .stale
            case .bypassed: .bypass
            }
    }
}
