public import struct Foundation.Date

extension LoadReport {
    /// The description of a run, its latencies, its audit and its details.
    public struct Run: Codable, Sendable {
        /// The workload's name.
        public let workload: String
        /// The name of the target.
        public internal(set) var store = ""
        /// The random seed.
        public let seed: UInt64
        /// `true` if the loop was closed: its latencies are too low if the target stands still.
        public let isClosed: Bool
        /// The seconds that the run took.
        public internal(set) var seconds = 0.0
        /// `true` if the run was ended early.
        public internal(set) var isInterrupted = false
        /// `true` if the latencies mean nothing, because the 99th percentile of the generator's lateness is more than a
        /// hundredth of the median intended latency.
        ///
        /// It is `false` of a closed loop, in which nothing can be late.
        public let isVoid: Bool

        /// Turns that ended well.
        public let turns: Int
        /// Sessions that ended, or lasted to the end of the run.
        public let sessions: Int
        /// The minimum number of concurrently live sessions; `nil` unless the run had a number to keep.
        public internal(set) var liveSessions: Int?
        /// Turns that failed.
        public let errors: Int
        /// The number of failures by their reason.
        public let errorReasons: [String: Int]
        /// Replay amplification in tokens.
        public let amplification: Double
        /// Replay amplification if common tokens are counted in whole blocks.
        public let amplificationBlocks: Double
        /// The auditor's findings; `nil` if the store could not be read.
        public internal(set) var audit: AuditReport?
        /// The reason why there is no audit.
        public internal(set) var auditFailure: String?
        /// The batches that the auditor kept one by one at the end, of sessions that were in doubt or had not ended.
        var heldBatches = 0

        /// The time from the moment at which a turn was due to its end.
        public let intended: Latencies
        /// The time from the beginning of a turn to its end.
        public let service: Latencies
        /// The time by which the generator released turns too late.
        public let lateness: Latencies
        /// The time of turns without the model's and the tools', by the turns' own traces.
        public let overhead: Latencies
        /// The share of the time of all turns that was neither the model's nor a tool's.
        public let overheadRatio: Double

        /// The other ways that were measured in the same run.
        public let baselines: [Baseline]
        /// The cost of turns by the length of their histories.
        let history: [HistoryProfile.Bucket]
        /// The number of sessions by replay amplification.
        let amplifications: [AmplificationCounts.Share]
        /// The runs of the sweep that found the rate of this one.
        public var sweep: [SweepPoint] = []

        /// The command line of the run, without the credentials and options of URLs.
        public var command: [String] = [] {
            didSet { command = command.map { LoadReport.withoutCredentials($0) } }
        }
        /// The time at which the report was made.
        public let date: Date
        /// `debug` or `release`.
        public let build: String
        /// The machine that the load ran on.
        let machine: Machine
    }
}
