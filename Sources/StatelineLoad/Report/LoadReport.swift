/// What a load did, and how long it took.
public struct LoadReport: Sendable {
    /// What a baseline did in the same run.
    public struct Baseline: Sendable {
        /// Bytes of states that were written.
        public let bytesWritten: Int
        /// Bytes of states that were read.
        public let bytesRead: Int
        /// How often its store was asked.
        public let roundTrips: Int
        /// The time of all that it does for a turn together.
        public let times: Latencies
        /// How often it failed; that is none of the turns' failures.
        public let errors: Int

        init(_ cost: BaselineCost) {
            bytesWritten = cost.written
            bytesRead = cost.read
            roundTrips = cost.roundTrips
            times = cost.times
            errors = cost.errors
        }
    }

    /// The workload's name.
    public let workload: String
    /// What everything was drawn from.
    public let seed: UInt64
    /// Whether the loop was closed: latencies then are too good where the target stands still.
    public let isClosed: Bool
    /// What the load was run against.
    public internal(set) var target = ""
    /// How long the run took.
    public internal(set) var seconds = 0.0
    /// Whether it was ended early.
    public internal(set) var isInterrupted = false

    /// Calls of the model that ended well.
    public let steps: Int
    /// Turns that ended well; a turn with tools has several steps.
    public let turns: Int
    /// Sessions that were held to their end, or to the run's.
    public let sessions: Int
    /// Tokens of all requests, by the sessions' own ledgers.
    public let sentTokens: Int
    /// Those of them that had not been sent before.
    public let newTokens: Int
    /// The same, where what a request has in common with the one before is counted in whole blocks.
    public let newBlockTokens: Int
    /// Bytes of all requests.
    public let sentBytes: Int
    /// Those of them that had not been sent before.
    public let newBytes: Int
    /// Bytes of batches that went to the store.
    public internal(set) var storeBytesWritten = 0
    /// Bytes of batches that came from the store.
    public internal(set) var storeBytesRead = 0
    /// How often the store was asked.
    public internal(set) var storeRoundTrips = 0
    /// Turns that failed.
    public let errors: Int
    /// How often they did for which reason.
    public let reasons: [String: Int]
    /// What the auditor found; `nil` where the store could not be read.
    public internal(set) var audit: AuditReport?
    /// Why there is no audit.
    public internal(set) var auditFailure: String?

    /// From the moment that a turn was meant to begin to its end.
    public let intended: Latencies
    /// From its beginning to its end.
    public let service: Latencies
    /// By how much the generator released turns too late.
    public let lateness: Latencies
    /// Each turn's time without the model's and the tools': from when the session is checked out to when the commit is
    /// acknowledged, by the turn's own trace.
    public let overhead: Latencies
    /// The share of all turns' time that was neither the model's nor a tool's.
    public let overheadRatio: Double
    /// What whole states, read and written for each turn, took in the same run.
    public let baseline: Baseline?
    /// What one round trip of the store took that finds nothing new, one for each turn.
    public let raw: Baseline?
    /// What a client without a store would have sent for the same turns: its requests are the round trips, and it has no
    /// times.
    public let resend: Baseline?
    /// The fewest sessions that were live at once, in a run that was to have so many.
    public internal(set) var liveSessions: Int?
    /// How many batches the auditor kept one by one at the end: those of sessions that were in doubt, or had not ended.
    var heldBatches = 0
    /// What turns cost, by how long their histories were.
    let history: HistoryProfile
    /// How much more than what was new sessions sent.
    let amplifications: AmplificationCounts
    /// Where and when it ran, as of the report's making.
    let provenance = Provenance.current
    /// The command line that led to it, for those who read it; what may hold a password is left out of the report's JSON.
    public var command: [String] = []

    init(_ sum: Measurements, workload: Workload, configuration: LoadConfiguration) {
        self.workload = workload.name
        seed = configuration.shape.seed
        isClosed = configuration.isClosed
        steps = sum.cost.calls
        turns = sum.turns
        sessions = sum.sessions
        sentTokens = sum.cost.sentTokens
        newTokens = sum.cost.newTokens
        newBlockTokens = sum.cost.newBlockTokens
        sentBytes = sum.cost.sentBytes
        newBytes = sum.cost.newBytes
        errors = sum.errors
        reasons = sum.reasons
        intended = sum.intended
        service = sum.service
        lateness = sum.lateness
        overhead = sum.overhead
        overheadRatio = sum.cost.total > .zero ? sum.cost.overhead / sum.cost.total : 0
        history = sum.history
        amplifications = sum.amplifications
        baseline = configuration.baseline.map { _ in Baseline(sum.baseline) }
        raw = configuration.measuresRoundTrips ? Baseline(sum.raw) : nil
        resend = configuration.countsResends ? Baseline(sum.resend) : nil
    }

    /// Whether the latencies mean nothing, because the generator was late: its 99th percentile by more than a hundredth of
    /// the median that was measured.
    ///
    /// In a closed loop nothing can be late, and nothing is said by that.
    public var isVoid: Bool {
        !isClosed && lateness.quantile(0.99) * 100 > intended.quantile(0.5)
    }

    /// The share of turns that failed.
    public var errorRate: Double {
        turns + errors > 0 ? Double(errors) / Double(turns + errors) : 0
    }
}
