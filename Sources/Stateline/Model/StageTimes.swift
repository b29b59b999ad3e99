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
    /// Reads whole nanoseconds by the names of the stages; stages that are missing took no time.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Stage.Key.self)
        for stage in Stage.allCases {
            self[stage] = .nanoseconds(try container.decodeIfPresent(Int64.self, forKey: stage.key) ?? 0)
        }
    }

    /// Writes the time of each stage in whole nanoseconds, under the stage's name; stages without a time are left out.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Stage.Key.self)
        for stage in Stage.allCases where self[stage] != .zero {
            try container.encode(self[stage].wholeNanoseconds, forKey: stage.key)
        }
    }
}

extension Stage {
    fileprivate enum Key: String, CodingKey {
        case queueWait = "queue_wait"
        case cacheLookup = "cache_lookup"
        case storeLoad = "store_load"
        case decode
        case project
        case connect
        case send
        case firstByte = "first_byte"
        case stream
        case tools
        case fold
        case encode
        case storeCommit = "store_commit"
    }

    fileprivate var key: Key {
        switch self {
        case .queueWait: .queueWait
        case .cacheLookup: .cacheLookup
        case .storeLoad: .storeLoad
        case .decode: .decode
        case .project: .project
        case .connect: .connect
        case .send: .send
        case .firstByte: .firstByte
        case .stream: .stream
        case .tools: .tools
        case .fold: .fold
        case .encode: .encode
        case .storeCommit: .storeCommit
        }
    }
}
