internal import Stateline

/// The figures of one turn, for `--json` and for the table.
struct DemoTurn: Encodable, Sendable {
    var turn: Int
    var requestBytes: Int
    var sentAgainBytes: Int
    var newBytes: Int
    var sentAgainTokens: Int?
    var newTokens: Int?
    var storeRoundTrips: Int
    var storeBytesWritten: Int
    var load: Duration
    var project: Duration
    var model: Duration
    var fold: Duration
    var commit: Duration
    var overhead: Duration
    var total: Duration

    /// Replay amplification of the session up to this turn.
    var amplification: Double

    init(_ trace: TurnTrace, turn: Int, amplification: Double) {
        self.turn = turn
        self.requestBytes = trace.requestBytes
        self.sentAgainBytes = trace.sentAgainBytes
        self.newBytes = trace.newBytes
        self.sentAgainTokens = trace.sentAgainTokens
        self.newTokens = trace.newTokens
        self.storeRoundTrips = trace.storeRoundTrips
        self.storeBytesWritten = trace.storeBytesWritten
        self.load = trace[.cacheLookup] + trace[.storeLoad] + trace[.decode]
        self.project = trace[.project]
        self.model = trace.model
        self.fold = trace[.fold]
        self.commit = trace[.encode] + trace[.storeCommit]
        self.overhead = trace.overhead
        self.total = trace.total
        self.amplification = amplification
    }

    private enum CodingKeys: String, CodingKey {
        case turn
        case requestBytes = "request_bytes"
        case sentAgainBytes = "sent_again_bytes"
        case newBytes = "new_bytes"
        case sentAgainTokens = "sent_again_tokens"
        case newTokens = "new_tokens"
        case storeRoundTrips = "store_round_trips"
        case storeBytesWritten = "store_bytes_written"
        case load = "load_ns"
        case project = "project_ns"
        case model = "model_ns"
        case fold = "fold_ns"
        case commit = "commit_ns"
        case overhead = "overhead_ns"
        case total = "total_ns"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(turn, forKey: .turn)
        try container.encode(requestBytes, forKey: .requestBytes)
        try container.encode(sentAgainBytes, forKey: .sentAgainBytes)
        try container.encode(newBytes, forKey: .newBytes)
        try container.encode(sentAgainTokens, forKey: .sentAgainTokens)
        try container.encode(newTokens, forKey: .newTokens)
        try container.encode(storeRoundTrips, forKey: .storeRoundTrips)
        try container.encode(storeBytesWritten, forKey: .storeBytesWritten)
        try container.encode(load.nanoseconds, forKey: .load)
        try container.encode(project.nanoseconds, forKey: .project)
        try container.encode(model.nanoseconds, forKey: .model)
        try container.encode(fold.nanoseconds, forKey: .fold)
        try container.encode(commit.nanoseconds, forKey: .commit)
        try container.encode(overhead.nanoseconds, forKey: .overhead)
        try container.encode(total.nanoseconds, forKey: .total)
    }
}
