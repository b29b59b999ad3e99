internal import Stateline

/// The time of each stage, summed over turns, in microseconds.
struct StageSums: Sendable {
    private var sums = [Double](repeating: 0, count: Stage.allCases.count)

    init() {}

    /// The time of a stage, in microseconds.
    subscript(stage: Stage) -> Double { sums[stage.rawValue] }

    static func += (sum: inout StageSums, times: StageTimes) {
        for stage in Stage.allCases { sum.sums[stage.rawValue] += Double(times[stage].nanoseconds) / 1000 }
    }

    static func += (sum: inout StageSums, other: StageSums) {
        for stage in Stage.allCases { sum.sums[stage.rawValue] += other[stage] }
    }
}

extension StageSums: Codable {
    /// A stage's member, such as `queue_wait_us`.
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ stage: Stage) { stringValue = "\(stage)Us" }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        for stage in Stage.allCases { sums[stage.rawValue] = try container.decode(Double.self, forKey: Key(stage)) }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        for stage in Stage.allCases { try container.encode(self[stage], forKey: Key(stage)) }
    }
}
