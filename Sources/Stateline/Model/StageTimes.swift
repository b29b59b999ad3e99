/// A time for each stage; held inline.
public struct StageTimes: Sendable {
    private var times = [13 of Duration](repeating: .zero)

    /// Makes times of zero.
    public init() {}

    /// The time of a stage.
    public subscript(stage: Stage) -> Duration {
        get { times[stage.rawValue] }
        set { times[stage.rawValue] = newValue }
    }

    /// The sum of all stages.
    public var sum: Duration { Stage.allCases.reduce(.zero) { $0 + self[$1] } }

    /// Adds the times of each stage.
    static func += (times: inout StageTimes, other: StageTimes) {
        for stage in Stage.allCases { times[stage] += other[stage] }
    }
}

extension StageTimes: Hashable {
    /// Compares the times of each stage.
    public static func == (a: StageTimes, b: StageTimes) -> Bool {
        Stage.allCases.allSatisfy { a[$0] == b[$0] }
    }

    /// Hashes the times of each stage.
    public func hash(into hasher: inout Hasher) {
        for stage in Stage.allCases { hasher.combine(self[stage]) }
    }
}

extension StageTimes: Codable {
    /// Reads the times by the names of their stages; stages without a time take none.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Stage.Name.self)
        for stage in Stage.allCases {
            self[stage] = try container.decodeIfPresent(Duration.self, forKey: stage.name) ?? .zero
        }
    }

    /// Writes each time under the name of its stage.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Stage.Name.self)
        for stage in Stage.allCases { try container.encode(self[stage], forKey: stage.name) }
    }
}

extension Stage {
    /// The stage's name in encoded form.
    fileprivate struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    fileprivate var name: Name { Name(stringValue: String(describing: self)) }
}
