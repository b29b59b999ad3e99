import Foundation
import NIOCore
import StatelineMemory
import Testing

@testable import StatelineLoad

@Suite struct ReportDetailTests {
    private struct Report: Decodable {
        struct Bucket: Decodable {
            var from_tokens: Int
            var turns: Int
            var sent_bytes: Int
            var new_bytes: Int
            var store_bytes_written: Int
            var store_round_trips: Int
            var baseline_bytes_written: Int
            var total_us: Double
            var stages: [String: Double]
        }

        struct Spectrum: Decodable {
            var us: [Int]
            var quantile: [Double]
            var count: [Int]
        }

        struct Share: Decodable {
            var from: Double
            var to: Double
            var sessions: Int
        }

        struct Machine: Decodable {
            var processor: String
            var cores: Int
            var system: String
            var load: Double
        }

        var turns: Int
        var sent_bytes: Int
        var new_bytes: Int
        var store_bytes_written: Int
        var store_round_trips: Int
        var history: [Bucket]
        var spectra: [String: Spectrum]
        var amplification_sessions: [Share]
        var command: [String]
        var date: String
        var build: String
        var machine: Machine
    }

    private func report(on target: LoadTarget, cells: MemoryCells? = nil) async throws -> (LoadReport, Report) {
        let trace = """
            session,in_tok,shared_tok,out_tok
            a,100,0,20
            a,200,64,20
            a,1000,192,20
            b,64,0,0

            """
        let workload = Workload.replaying(try Trace(ByteBuffer(string: trace)))
        var configuration = LoadConfiguration(workload.shape(sessions: nil, rate: 1000, speed: 1e6), workers: 2)
        configuration.baseline = cells
        var report = try await LoadRun(workload, against: target, configuration).run()
        report.command = ["stateline", "load", "--store", "redis://someone:secret@host/1?sentinel-password=other"]
        return (report, try JSONDecoder().decode(Report.self, from: Data(try report.json.utf8)))
    }

    @Test func `turns are told apart by the power of two of their history`() async throws {
        let target = LoadTarget(MemoryStore(), name: "memory")
        let (report, detail) = try await report(on: target, cells: MemoryCells())
        // Two begin with nothing, one with 120 tokens, one with 220.
        #expect(detail.history.map(\.from_tokens) == [0, 64, 128])
        #expect(detail.history.map(\.turns) == [2, 1, 1])
        #expect(detail.history.map(\.sent_bytes) == [4 * 164, 4 * 200, 4 * 1000])
        #expect(detail.history.map(\.new_bytes).reduce(0, +) == detail.new_bytes)
        #expect(detail.history.map(\.baseline_bytes_written) == [4 * (120 + 64), 4 * 220, 4 * 1020])
        // What no turn did is the making of two sessions.
        #expect(detail.history.map(\.store_round_trips).reduce(0, +) < detail.store_round_trips)
        #expect(detail.history.map(\.store_bytes_written).reduce(0, +) < detail.store_bytes_written)
        #expect(detail.history.allSatisfy { $0.store_bytes_written > $0.new_bytes })
        for bucket in detail.history {
            let sum = bucket.stages.values.reduce(0, +)
            #expect(bucket.stages.count == 13 && sum > 0)
            #expect(abs(sum - bucket.total_us) < 0.05 * bucket.total_us + 100)
        }
        #expect(report.turns == 4)
    }

    @Test func `sessions are counted by their amplification`() async throws {
        let (_, detail) = try await report(on: .stateless)
        // 1300 tokens for 1000 that were new, and 64 for 64.
        #expect(detail.amplification_sessions.map(\.sessions) == [1, 1])
        #expect(detail.amplification_sessions[0].from == 1)
        let share = detail.amplification_sessions[1]
        #expect(share.from <= 1.3 && 1.3 < share.to)
        #expect(detail.history.map(\.turns) == [2, 1, 1])
        #expect(detail.history.allSatisfy { $0.stages["project_us", default: 0] > 0 && $0.store_bytes_written == 0 })
    }

    @Test func `a report says where it comes from, and no password`() async throws {
        let (_, detail) = try await report(on: .stateless)
        #expect(detail.command == ["stateline", "load", "--store", "redis://host/1"])
        #expect(detail.machine.cores > 0 && detail.machine.processor != "" && detail.machine.system != "")
        #expect(try Date.ISO8601FormatStyle().parse(detail.date) > Date(timeIntervalSince1970: 1.7e9))
        #expect(["debug", "release"].contains(detail.build))
        #expect(
            Provenance.harmless("--store=redis://:a@b/@c?x@host:6379,other?db=1") == "--store=redis://host:6379,other"
        )
        #expect(Provenance.harmless("who@where?") == "who@where?")
    }

    @Test func `a spectrum counts each time once, and ends with all of them`() async throws {
        var times = Latencies()
        for time in 1...2000 { times.record(.microseconds(time)) }
        let levels = times.spectrum
        #expect(levels.first?.count == 1 && levels.last?.count == 2000)
        #expect(zip(levels, levels.dropFirst()).allSatisfy { $0.count < $1.count && $0.time < $1.time })
        // Below 2048 the histogram tells all microseconds apart.
        #expect(levels.allSatisfy { $0.time == .microseconds($0.count) })
        #expect(levels.count > 200)
        #expect(Latencies().spectrum.isEmpty)
        let (report, detail) = try await report(on: .stateless)
        for name in ["intended", "service"] {
            let spectrum = try #require(detail.spectra[name])
            #expect(spectrum.count.last == report.turns && spectrum.quantile.last == 1)
            #expect(spectrum.us.count == spectrum.count.count && spectrum.us.count == spectrum.quantile.count)
        }
    }
}
