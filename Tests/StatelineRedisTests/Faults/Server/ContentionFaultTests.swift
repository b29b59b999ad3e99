import Foundation
import NIOCore
import Stateline
import StatelineLoad
import StatelineMemory
import StatelineTesting
import Testing

@testable import StatelineRedis

/// Many writers, in several processes.
@Suite(.serialized) struct ContentionFaultTests {
    private let key = SessionKey("contended", tenant: "faults")
    private static let isSoak = ProcessInfo.processInfo.environment["STATELINE_SOAK"] != nil

    /// F1: two writers, one session.
    @Test func `of 64 tasks in each of two processes one wins each revision`() async throws {
        let (tasks, appends) = Self.isSoak ? (64, 3) : (64, 1)
        try await FaultFixture.run { fixture in
            let url = "redis+unix://\(fixture.server.socketPath)"
            let process = try WriterProcess(url, key, tasks: tasks, appends: appends)
            try await process.begin()
            try process.proceed()
            let watched = fixture.watched
            try await withThrowingTaskGroup { group in
                for task in 0..<tasks {
                    group.addTask {
                        var writer = AuditedWriter(self.key, name: "task \(task)")
                        for _ in 0..<appends { try await writer.append(to: watched) }
                    }
                }
                try await group.waitForAll()
            }
            let conclusion = try await process.next("done", auditor: fixture.auditor)
            #expect(conclusion.hasSuffix(" clean"), "what the other process read: \(conclusion)")
            let report = try await fixture.report()
            #expect(report.acknowledged == 2 * tasks * appends)
            #expect(report.unknown == 0)
            guard case .tail(let log) = try await fixture.store.load(key, after: nil) else {
                Issue.record("there is no log")
                return
            }
            #expect(log.map(\.position.revision.rawValue) == Array(1...UInt64(2 * tasks * appends)))
        }
    }

    /// F34: caches in two places, validated before each call.
    @Test func `no turn begins with less than was acknowledged before it, whatever another process has cached`()
        async throws
    {
        let seed = UInt64.random(in: 0...UInt64.max)
        try await FaultFixture.run { fixture in
            let caches = (0..<2).map { _ in MemoryCache(byteLimit: 1 << 20, validation: .beforeCall) }
            let history = SessionHistory()
            let keys = FaultFixture.keys(4)
            try await withThrowingTaskGroup { group in
                for task in 0..<8 {
                    group.addTask {
                        var generator = SeededGenerator(seed: seed &+ UInt64(task))
                        for number in 0..<(Self.isSoak ? 200 : 12) {
                            let key = keys.randomElement(using: &generator)!
                            let boundary = Boundary(store: fixture.watched, cache: caches[task % 2])
                            let entry = "task \(task), turn \(number)"
                            try await history.turn(entry, on: key, boundary)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(history.violations.isEmpty, "seed \(seed): \(history.violations)")
            #expect(history.turns > 0)
        }
    }

    /// F34: what the test above would find.
    @Test func `the history finds a turn that began without validation and lacked a commit`() async throws {
        try await FaultFixture.run { fixture in
            let boundaries = (0..<2).map { _ in Boundary(store: fixture.watched, cache: MemoryCache()) }
            let history = SessionHistory()
            for turn in 0..<3 { try await history.turn("turn \(turn)", on: key, boundaries[turn % 2]) }
            #expect(history.turns == 3)
            #expect(history.violations.count == 1, "\(history.violations)")
        }
    }

    /// F35: more sessions than the cache has room for.
    @Test func `sessions that a small cache has to give up lose nothing`() async throws {
        let count = Self.isSoak ? 2000 : 60
        try await FaultFixture.run { fixture in
            let cache = MemoryCache(byteLimit: 16 << 10)
            let history = SessionHistory()
            for round in 0..<3 {
                try await withThrowingTaskGroup { group in
                    for worker in 0..<4 {
                        group.addTask {
                            for number in stride(from: worker, to: count, by: 4) {
                                let key = SessionKey("session \(number)")
                                let boundary = Boundary(store: fixture.watched, cache: cache)
                                try await history.turn("round \(round) of \(number)", on: key, boundary)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(history.violations.isEmpty, "\(history.violations)")
            #expect(history.turns == 3 * count)
            let report = try await fixture.report()
            #expect(report.sessions == count)
            // With room for all there would be none: a round reads each session that the cache gave up since the one
            // before.
            #expect(report.reads > count, "the cache had room for most: nothing was put to the test")
        }
    }
}
