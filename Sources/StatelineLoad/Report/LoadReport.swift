/// The figures of a load, from the run to the page.
///
/// All properties of ``Run`` and of ``Traffic`` are properties of the report too. Its JSON is one object with a member for
/// each of them, in snake case. Figures that follow from others are written too, for readers that compute nothing.
@dynamicMemberLookup
public struct LoadReport: Sendable {
    /// A rate of a sweep, and the run at it.
    public struct SweepPoint: Codable, Sendable {
        /// Sessions a second.
        public let rate: Double
        /// `true` if latency and errors are within the objective.
        public let passes: Bool
        /// The report of the run.
        public let report: LoadReport

        package init(rate: Double, passes: Bool, report: LoadReport) {
            self.rate = rate
            self.passes = passes
            self.report = report
        }
    }

    /// The description of the run, its latencies, its audit and its details.
    public internal(set) var run: Run
    /// Tokens, bytes and round trips.
    ///
    /// Those of the store include the making of sessions.
    public internal(set) var traffic: Traffic

    /// A property of the run.
    public subscript<Value>(dynamicMember path: KeyPath<Run, Value>) -> Value { run[keyPath: path] }

    /// A property of the traffic.
    public subscript<Value>(dynamicMember path: KeyPath<Traffic, Value>) -> Value { traffic[keyPath: path] }

    /// A property of the run that can be set.
    public subscript<Value>(dynamicMember path: WritableKeyPath<Run, Value>) -> Value {
        get { run[keyPath: path] }
        set { run[keyPath: path] = newValue }
    }

    /// The share of turns that failed.
    public var errorRate: Double {
        run.turns > 0 || run.errors > 0 ? Double(run.errors) / (Double(run.turns) + Double(run.errors)) : 0
    }

    /// Turns that ended in a second.
    public var turnRate: Double { run.seconds > 0 ? Double(run.turns) / run.seconds : 0 }
}

extension LoadReport: Codable {
    /// Reads a report from one object.
    public init(from decoder: any Decoder) throws {
        run = try Run(from: decoder)
        traffic = try Traffic(from: decoder)
    }

    /// Writes both parts into one object.
    public func encode(to encoder: any Encoder) throws {
        try run.encode(to: encoder)
        try traffic.encode(to: encoder)
    }
}
