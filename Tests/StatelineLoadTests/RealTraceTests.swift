import Foundation
import NIOCore
import StatelineMemory
import StatelineTesting
import Testing

@testable import StatelineLoad

/// With recorded sessions, where the environment's STATELINE_TRACES names the folder that has them.
@Suite struct RealTraceTests {
    @Test func `the recorded sessions of coding agents have the sums that they are known to have`() async throws {
        guard let folder = ProcessInfo.processInfo.environment["STATELINE_TRACES"],
            !folder.isEmpty
        else { return }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", folder + "/agentic-sessions.csv.gz"]
        let data = try ProcessLaunch.output(of: process)
        let trace = try Trace(ByteBuffer(bytes: data))
        let steps = trace.sessions.flatMap(\.turns)
        #expect(trace.sessions.count == 487 && steps.count == 32_902)
        #expect(steps.reduce(0) { $0 + $1.requestTokens } == 4_001_545_355)
        #expect(steps.reduce(0) { $0 + $1.requestTokens - ($1.tracedCommonTokens ?? 0) } == 152_475_979)
        #expect(steps.reduce(0) { $0 + $1.requestTokens - $1.commonTokens } == 151_389_897)
        #expect(steps.count { $0.rewrite != nil } == 901)

        // The same again, from what crossed.
        let workload = Workload.replaying(trace)
        var configuration = LoadConfiguration(workload.parameters(rate: 1000, speed: 1e9))
        configuration.modelTime = .fixed(.zero)
        let target = LoadTarget(MemoryStore(), name: "memory")
        let report = try await LoadRun(workload, against: target, configuration).run()
        #expect(report.sentTokens == 4_001_545_355)
        #expect(report.newTokens == 151_389_897)
        #expect(report.newTokensBlocks == 152_475_979)
        #expect(report.errors == 0 && report.audit?.isClean == true)
        #expect(report.storeRoundTrips == 2 * 487 + 32_902 + 901)
    }
}
