/// What `stateline load --json` prints, as far as a report needs it.
///
/// What only newer versions print is optional.
struct LoadDocument: Decodable, Sendable {
    struct Times: Decodable, Sendable {
        let count: Int
        let p50Us: Double
        let p90Us: Double
        let p99Us: Double
        let p999Us: Double
        let p9999Us: Double
        let maxUs: Double
    }

    struct Audit: Decodable, Sendable {
        let lost: Int
        let duplicated: Int
        let reordered: Int
        let foreign: Int

        var isClean: Bool { [lost, duplicated, reordered, foreign].allSatisfy { $0 == 0 } }
    }

    struct Baseline: Decodable, Sendable {
        let kind: String
        let bytesWritten: Double
        let writeRatio: Double
        let times: Times
    }

    struct Levels: Decodable, Sendable {
        let us: [Double]
        let count: [Int]
    }

    struct Bucket: Decodable, Sendable {
        let fromTokens: Int
        let turns: Int
        let sentBytes: Double
        let newBytes: Double
        let storeBytesWritten: Double
        let storeBytesRead: Double
        let storeRoundTrips: Double
        let baselineBytesWritten: Double
        let totalUs: Double
        let stages: Stages
    }

    struct Stages: Decodable, Sendable {
        let queueWaitUs: Double
        let cacheLookupUs: Double
        let storeLoadUs: Double
        let decodeUs: Double
        let projectUs: Double
        let connectUs: Double
        let sendUs: Double
        let firstByteUs: Double
        let streamUs: Double
        let toolsUs: Double
        let foldUs: Double
        let encodeUs: Double
        let storeCommitUs: Double
    }

    struct Share: Decodable, Sendable {
        let from: Double
        let to: Double
        let sessions: Int
    }

    struct Point: Decodable, Sendable {
        let rate: Double
        let passes: Bool
        let report: LoadDocument
    }

    let workload: String
    let store: String
    let mode: String
    let seed: UInt64
    let seconds: Double
    let interrupted: Bool
    let void: Bool
    let steps: Int
    let turns: Int
    let sessions: Int
    let sentTokens: Double
    let newTokens: Double
    let amplification: Double
    let amplificationBlocks: Double
    let sentBytes: Double
    let newBytes: Double
    let storeBytesWritten: Double
    let storeBytesRead: Double
    let storeRoundTrips: Double
    let errors: Int
    let errorReasons: [String]
    let audit: Audit?
    let auditFailure: String?
    let intended: Times
    let service: Times
    let lateness: Times
    let overhead: Times?
    let overheadRatio: Double
    let liveSessions: Int?
    let baseline: Baseline?
    /// All baselines, that one too.
    let baselines: [Baseline]?
    let spectra: [String: Levels]?
    let history: [Bucket]?
    let amplificationSessions: [Share]?
    let sweep: [Point]?
    let command: [String]?
    let date: String?
    let build: String?
    let machine: [String: JSONValue]?
}

extension LoadDocument {
    /// The times of one kind, as close as the run tells them.
    func spectrum(_ name: String) -> Spectrum? {
        guard let levels = spectra?[name], levels.us.count == levels.count.count else { return nil }
        return Spectrum(zip(levels.us, levels.count).map { Spectrum.Level(time: $0, count: $1) })
    }

    /// What was done in other ways beside it.
    var allBaselines: [Baseline] { baselines ?? baseline.map { [$0] } ?? [] }

    /// How many turns ended in a second.
    var turnRate: Double { seconds > 0 ? Double(turns) / seconds : 0 }
}
