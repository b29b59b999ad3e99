import Foundation
import NIOCore
import Stateline
import StatelineMemory
import Testing

@testable import StatelineLoad

@Suite struct ReportDetailTests {
    private func report(on target: LoadTarget, cells: MemoryCells? = nil) async throws -> LoadReport {
        let trace = """
            session,in_tok,shared_tok,out_tok
            a,100,0,20
            a,200,64,20
            a,1000,192,20
            b,64,0,0

            """
        let workload = Workload.replaying(try Trace(ByteBuffer(string: trace)))
        var configuration = LoadConfiguration(workload.parameters(sessions: nil, rate: 1000, speed: 1e6), workers: 2)
        configuration.baseline = cells
        var report = try await LoadRun(workload, against: target, configuration).run()
        report.command = ["stateline", "load", "--store", "redis://someone:secret@host/1?sentinel-password=other"]
        // A report is what its JSON says.
        return try LoadReport(json: try report.json)
    }

    @Test func `turns are told apart by the power of two of their history`() async throws {
        let target = LoadTarget(MemoryStore(), name: "memory")
        let report = try await report(on: target, cells: MemoryCells())
        // Two begin with nothing, one with 120 tokens, one with 220.
        #expect(report.history.map(\.fromTokens) == [0, 64, 128])
        #expect(report.history.map(\.turns) == [2, 1, 1])
        #expect(report.history.map(\.traffic.sentBytes) == [4 * 164, 4 * 200, 4 * 1000])
        #expect(report.history.map(\.traffic.newBytes).reduce(0, +) == report.newBytes)
        #expect(report.history.map(\.baselineBytesWritten) == [4 * (120 + 64), 4 * 220, 4 * 1020])
        // What no turn did is the making of two sessions.
        #expect(report.history.map(\.traffic.storeRoundTrips).reduce(0, +) < report.storeRoundTrips)
        #expect(report.history.map(\.traffic.storeBytesWritten).reduce(0, +) < report.storeBytesWritten)
        #expect(report.history.allSatisfy { $0.traffic.storeBytesWritten > $0.traffic.newBytes })
        for bucket in report.history {
            let sum = Stage.allCases.reduce(0) { $0 + bucket.stages[$1] }
            #expect(sum > 0)
            #expect(abs(sum - bucket.totalUs) < 0.05 * bucket.totalUs + 100)
        }
        #expect(report.turns == 4)
    }

    @Test func `sessions are counted by their amplification`() async throws {
        let report = try await report(on: .stateless)
        // 1300 tokens for 1000 that were new, and 64 for 64.
        #expect(report.amplifications.map(\.sessions) == [1, 1])
        #expect(report.amplifications[0].from == 1)
        let share = report.amplifications[1]
        #expect(share.from <= 1.3 && 1.3 < share.to)
        #expect(report.history.map(\.turns) == [2, 1, 1])
        #expect(report.history.allSatisfy { $0.stages[.project] > 0 && $0.traffic.storeBytesWritten == 0 })
    }

    @Test func `a report says where it comes from, and no password`() async throws {
        let report = try await report(on: .stateless)
        #expect(report.command == ["stateline", "load", "--store", "redis://host/1"])
        #expect(report.machine.cores > 0 && report.machine.processor != "" && report.machine.system != "")
        #expect(report.date > Date(timeIntervalSince1970: 1.7e9))
        #expect(["debug", "release"].contains(report.build))
        #expect(
            LoadReport.withoutCredentials("--store=redis://:a@b/@c?x@host:6379,other?db=1")
                == "--store=redis://host:6379,other"
        )
        #expect(LoadReport.withoutCredentials("who@where?") == "who@where?")
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
        let report = try await report(on: .stateless)
        for read in [report.intended, report.service] {
            let spectrum = read.spectrum
            #expect(spectrum.last?.count == report.turns && read.count == report.turns)
        }
    }

    @Test func `times in JSON are all times, and what cannot be a time is refused`() throws {
        var times = Latencies()
        for time in 1...5000 { times.record(.microseconds(time * time)) }
        let encoder = JSONEncoder()
        let read = try JSONDecoder().decode(Latencies.self, from: try encoder.encode(times))
        #expect(read.count == times.count && read.longest == times.longest)
        for share in [0, 0.5, 0.9, 0.99, 0.999, 1] { #expect(read.quantile(share) == times.quantile(share)) }
        #expect(read.percentileDistribution == times.percentileDistribution)
        for levels in [
            #"{"us":[1],"count":[]}"#, #"{"us":[1],"count":[0]}"#, #"{"us":[4000000000],"count":[1]}"#,
            #"{"us":[1,2],"count":[9223372036854775807,1]}"#, #"{"us":[-1],"count":[1]}"#,
        ] {
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(Latencies.self, from: Data("{\"levels\":\(levels)}".utf8))
            }
        }
    }
}
