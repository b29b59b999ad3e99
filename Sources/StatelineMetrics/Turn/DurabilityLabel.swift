/// The durability of a commit.
enum DurabilityLabel: String, MetricLabel {
    case memory, primary, replicas

    var index: Int {
        switch self {
        case .memory: 0
        case .primary: 1
        case .replicas: 2
        }
    }
}
