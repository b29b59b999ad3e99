internal import Foundation
internal import Stateline

// What a report of many runs is drawn from, beside the figures that a person looks at.
extension LoadReport.Document {
    /// Percentiles, closer than anybody would read them.
    struct Spectra: Encodable {
        /// How many times are not above which, one list for each of a level's three figures.
        struct Spectrum: Encodable {
            let us: [Int]
            let quantile: [Double]
            let count: [Int]

            init(_ times: Latencies) {
                let levels = times.spectrum
                us = levels.map { $0.time.nanoseconds / 1000 }
                quantile = levels.map { (Double($0.count) / Double(max(1, times.count)) * 1e7).rounded() / 1e7 }
                count = levels.map(\.count)
            }
        }

        let intended: Spectrum
        let service: Spectrum

        init(_ report: LoadReport) {
            intended = Spectrum(report.intended)
            service = Spectrum(report.service)
        }
    }

    /// The turns with histories from so many tokens to twice as many.
    struct Bucket: Encodable {
        let fromTokens: Int
        let turns: Int
        let sentBytes: Int
        let newBytes: Int
        let storeBytesWritten: Int
        let storeBytesRead: Int
        let storeRoundTrips: Int
        let baselineBytesWritten: Int
        let baselineBytesRead: Int
        let totalUs: Double
        let stages: Stages

        init(_ bucket: HistoryProfile.Bucket, fromTokens: Int) {
            self.fromTokens = fromTokens
            turns = bucket.turns
            sentBytes = bucket.cost.sentBytes
            newBytes = bucket.cost.newBytes
            storeBytesWritten = bucket.cost.storeBytesWritten
            storeBytesRead = bucket.cost.storeBytesRead
            storeRoundTrips = bucket.cost.storeRoundTrips
            baselineBytesWritten = bucket.baselineWritten
            baselineBytesRead = bucket.baselineRead
            totalUs = Double(bucket.cost.total.nanoseconds) / 1000
            stages = Stages(bucket.cost.stages)
        }
    }

    /// How long the stages of turns took, in sum.
    struct Stages: Encodable {
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

        init(_ times: StageTimes) {
            func microseconds(_ stage: Stage) -> Double { Double(times[stage].nanoseconds) / 1000 }
            queueWaitUs = microseconds(.queueWait)
            cacheLookupUs = microseconds(.cacheLookup)
            storeLoadUs = microseconds(.storeLoad)
            decodeUs = microseconds(.decode)
            projectUs = microseconds(.project)
            connectUs = microseconds(.connect)
            sendUs = microseconds(.send)
            firstByteUs = microseconds(.firstByte)
            streamUs = microseconds(.stream)
            toolsUs = microseconds(.tools)
            foldUs = microseconds(.fold)
            encodeUs = microseconds(.encode)
            storeCommitUs = microseconds(.storeCommit)
        }
    }

    /// How many sessions sent at least so many times what was new, and less than the next bucket's.
    struct Share: Encodable {
        let from: Double
        let to: Double
        let sessions: Int

        init(bucket: Int, sessions: Int) {
            from = AmplificationCounts.least(of: bucket)
            to = AmplificationCounts.least(of: bucket + 1)
            self.sessions = sessions
        }
    }

    /// Where it ran; as the comparisons have it, and with the load of the last minute.
    struct Machine: Encodable {
        let processor: String
        let cores: Int
        let system: String
        let load: Double

        init(_ provenance: Provenance) {
            processor = provenance.processor
            cores = provenance.cores
            system = provenance.system
            load = provenance.load
        }
    }
}
