internal import Foundation

extension LoadReport {
    /// One object, its keys in the order of the alphabet.
    ///
    /// - Throws: What the encoder does; it has no reason to.
    public var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            encoder.keyEncodingStrategy = .convertToSnakeCase
            encoder.dateEncodingStrategy = .iso8601
            return String(decoding: try encoder.encode(Document(self)), as: UTF8.self)
        }
    }

    struct Document: Encodable {
        struct Times: Encodable {
            let count: Int
            let p50Us: Int
            let p90Us: Int
            let p99Us: Int
            let p999Us: Int
            let p9999Us: Int
            let maxUs: Int

            init(_ times: Latencies) {
                func microseconds(_ share: Double) -> Int { times.quantile(share).nanoseconds / 1000 }
                count = times.count
                p50Us = microseconds(0.5)
                p90Us = microseconds(0.9)
                p99Us = microseconds(0.99)
                p999Us = microseconds(0.999)
                p9999Us = microseconds(0.9999)
                maxUs = times.longest.nanoseconds / 1000
            }
        }

        struct Audit: Encodable {
            let lost: Int
            let duplicated: Int
            let reordered: Int
            let foreign: Int
        }

        struct Baseline: Encodable {
            let kind: String
            let bytesWritten: Int
            let bytesRead: Int
            let roundTrips: Int
            /// Bytes that it wrote for each byte that the log did.
            let writeRatio: Double
            let errors: Int
            let times: Times

            init?(_ kind: String, _ baseline: LoadReport.Baseline?, logged bytes: Int) {
                guard let baseline else { return nil }
                self.kind = kind
                bytesWritten = baseline.bytesWritten
                bytesRead = baseline.bytesRead
                roundTrips = baseline.roundTrips
                writeRatio = Double(baseline.bytesWritten) / Double(max(1, bytes))
                errors = baseline.errors
                times = Times(baseline.times)
            }
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
        let sentTokens: Int
        let newTokens: Int
        let amplification: Double
        let newTokensBlocks: Int
        let amplificationBlocks: Double
        let sentBytes: Int
        let newBytes: Int
        let storeBytesWritten: Int
        let storeBytesRead: Int
        let storeRoundTrips: Int
        let errors: Int
        let errorReasons: [String]
        let audit: Audit?
        let auditFailure: String?
        let intended: Times
        let service: Times
        let lateness: Times
        let overhead: Times
        let overheadRatio: Double
        let liveSessions: Int?
        let baseline: Baseline?
        let baselines: [Baseline]
        let spectra: Spectra
        let history: [Bucket]
        let amplificationSessions: [Share]
        let command: [String]
        let date: Date
        let build: String
        let machine: Machine

        init(_ report: LoadReport) {
            workload = report.workload
            store = report.target
            mode = report.isClosed ? "closed" : "open"
            seed = report.seed
            seconds = report.seconds
            interrupted = report.isInterrupted
            void = report.isVoid
            steps = report.steps
            turns = report.turns
            sessions = report.sessions
            sentTokens = report.sentTokens
            newTokens = report.newTokens
            amplification = report.amplification
            newTokensBlocks = report.newBlockTokens
            amplificationBlocks = report.blockAmplification
            sentBytes = report.sentBytes
            newBytes = report.newBytes
            storeBytesWritten = report.storeBytesWritten
            storeBytesRead = report.storeBytesRead
            storeRoundTrips = report.storeRoundTrips
            errors = report.errors
            errorReasons = report.reasons.sorted { $0.key < $1.key }.map { "\($0.value) x \($0.key)" }
            audit = report.audit.map {
                Audit(lost: $0.lost, duplicated: $0.duplicated, reordered: $0.reordered, foreign: $0.foreign)
            }
            auditFailure = report.auditFailure
            intended = Times(report.intended)
            service = Times(report.service)
            lateness = Times(report.lateness)
            overhead = Times(report.overhead)
            overheadRatio = report.overheadRatio
            liveSessions = report.liveSessions
            let logged = report.storeBytesWritten
            baseline = Baseline("whole-state", report.baseline, logged: logged)
            baselines = [
                baseline, Baseline("raw", report.raw, logged: logged),
                Baseline("resend", report.resend, logged: logged),
            ]
            .compactMap { $0 }
            spectra = Spectra(report)
            history = report.history.buckets.enumerated()
                .compactMap { $1.turns > 0 ? Bucket($1, fromTokens: HistoryProfile.shortest(of: $0)) : nil }
            amplificationSessions = report.amplifications.counts.enumerated()
                .compactMap { $1 > 0 ? Share(bucket: $0, sessions: $1) : nil }
            command = report.command.map { Provenance.harmless($0) }
            date = report.provenance.date
            build = Provenance.build
            machine = Machine(report.provenance)
        }
    }

    /// Replay amplification in tokens, by the sessions' ledgers; 1 before anything was new.
    public var amplification: Double { newTokens > 0 ? Double(sentTokens) / Double(newTokens) : 1 }

    /// Replay amplification where what is common is counted in whole blocks.
    public var blockAmplification: Double { newBlockTokens > 0 ? Double(sentTokens) / Double(newBlockTokens) : 1 }
}
