internal import Stateline

/// The result of an append, without its acknowledgement level.
enum AppendOutcome: Hashable {
    case committed
    case duplicate
    case stale(missing: [EncodedBatch])
    case regressed
    case gone(Absence)

    init(_ result: AppendResult) {
        self =
            switch result {
            case .committed: .committed
            case .duplicate: .duplicate
            case .stale(let missing): .stale(missing: missing)
            case .regressed: .regressed
            case .gone(let absence): .gone(absence)
            }
    }
}
