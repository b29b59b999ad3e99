import Foundation
import Stateline
import StatelineRedis
import StatelineTesting
import Testing

/// F4, F5: processes that are killed with a turn open, and others that continue it, on a real server.
@Suite struct TurnCrashTests {
    /// The moments, with how many times a turn of two steps, three calls and one approval reaches each.
    static let moments: [(name: String, count: Int)] = [
        ("before opened", 1), ("after opened", 1), ("calling", 3), ("answered", 3), ("before stepped", 6),
        ("after stepped", 6), ("running", 3), ("returned", 3), ("before waiting", 1), ("after waiting", 1),
        ("before decided", 1), ("after decided", 1), ("before ended", 1), ("after ended", 1),
    ]

    /// Every moment, the first and the last time, and the moments of a continuation.
    static let points: [String] =
        moments.flatMap { moment in Set([1, moment.count]).sorted().map { "\($0) \(moment.name)" } }

    @Test(arguments: points)
    func `a turn that was killed at a named moment has its answer, once, from another process`(
        point: String
    ) async throws {
        try await CrashSession.run { session in
            #expect(await session.run("p1", crash: point) == nil, "the process reaches the moment")
            try await session.complete("p1")
            try await session.complete("p2")
            try await session.check(["p1", "p2"], deaths: 1)
        }
    }

    @Test(arguments: ["1 before taken", "1 after taken", "1 calling", "1 after stepped", "1 before ended"])
    func `a process that is killed while it continues a turn leaves it to a third`(point: String) async throws {
        try await CrashSession.run { session in
            #expect(await session.run("p1", crash: "1 after stepped") == nil)
            #expect(await session.run("resume", crash: point) == nil)
            try await session.complete("p1")
            try await session.check(["p1"], deaths: 2)
        }
    }

    /// In CI a few; all with `STATELINE_SOAK=1`.
    @Test func `a process may be killed at any time`() async throws {
        let count = ProcessInfo.processInfo.environment["STATELINE_SOAK"] == nil ? 12 : 1000
        for trial in 0..<count {
            try await CrashSession.run { session in
                let run = try session.start("p1")
                // From before the first request to after the last one.
                try await Task.sleep(for: .milliseconds(Int.random(in: 20...350)))
                run.kill()
                let line = await run.line()
                try await session.complete("p1")
                try await session.complete("p2")
                try await session.check(["p1", "p2"], deaths: line == nil ? 1 : 0, "trial \(trial)")
            }
        }
    }
}
