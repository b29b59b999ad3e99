import Foundation
import Stateline
import StatelineMemory
import StatelineTesting
import Testing

@testable import StatelineRedis

/// Random operations on the store in Redis and on the one in memory, whose answers have to be the same.
@Suite struct RedisStoreDifferentialTests {
    /// What a run is about.
    struct Case: Sendable, CustomTestStringConvertible {
        let layout: LogLayout
        let lifetime: Lifetime?
        let retention: Duration

        var testDescription: String { "\(layout), \(lifetime.map { "\($0)" } ?? "no lifetime"), \(retention)" }
    }

    static let cases = LogLayout.allCases.flatMap { layout in
        [
            Case(layout: layout, lifetime: nil, retention: .seconds(8)),
            Case(layout: layout, lifetime: nil, retention: .seconds(50)),
            Case(layout: layout, lifetime: .idle(.seconds(20)), retention: .seconds(3)),
            Case(layout: layout, lifetime: .both(idle: .seconds(20), absolute: .seconds(45)), retention: .seconds(50)),
            Case(layout: layout, lifetime: .absolute(.seconds(30)), retention: .zero),
        ]
    }

    /// Two stores of one clock, and all writers that were ever right.
    private struct Pair {
        let clock = ManualClock()
        let bench: StoreBench
        let store: RedisStore
        let reference: MemoryStore
        var writers: [SessionKey: [LogWriter]] = [:]

        init(_ bench: StoreBench, _ run: Case) {
            self.bench = bench
            store = bench.store(run.lifetime, retention: run.retention)
            reference = MemoryStore(lifetime: run.lifetime, retention: run.retention, clock: clock)
        }

        func advance(by duration: Duration) throws {
            clock.advance(by: duration)
            try bench.server.advance(by: duration)
        }

        func append(_ batch: EncodedBatch, to key: SessionKey, at position: Position) async throws -> AppendResult {
            let actual = try await store.append(batch, to: key, expecting: position)
            let expected = try await reference.append(batch, to: key, expecting: position)
            try #require(Self.plain(actual) == Self.plain(expected), "append to \(key) at \(position.revision)")
            return actual
        }

        /// A result without how far the commit got.
        private static func plain(_ result: AppendResult) -> AppendResult {
            switch result {
            case .committed: .committed(.primary)
            case .duplicate: .duplicate(.primary)
            default: result
            }
        }

        func fork(_ key: SessionKey, at position: Position, to fork: SessionKey, first: EncodedBatch) async throws
            -> ForkResult
        {
            let actual = try await store.fork(key, at: position, to: fork, first: first)
            let expected = try await reference.fork(key, at: position, to: fork, first: first)
            try #require(actual == expected, "fork of \(key) at \(position.revision) to \(fork)")
            return expected
        }

        func delete(_ key: SessionKey, at position: Position?) async throws {
            let actual = try await store.delete(key, expecting: position)
            let expected = try await reference.delete(key, expecting: position)
            try #require(actual == expected, "delete of \(key)")
        }

        func load(_ key: SessionKey, after position: Position?) async throws {
            let actual = try await store.load(key, after: position)
            let expected = try await reference.load(key, after: position)
            try #require(actual == expected, "load of \(key) after \(position?.revision.description ?? "nil")")
        }

        func list(_ tenant: Tenant, limit: Int) async throws {
            let actual = try await Self.all(tenant, of: store, limit: limit)
            let expected = try await Self.all(tenant, of: reference, limit: limit)
            try #require(actual == expected, "list")
        }

        private static func all(
            _ tenant: Tenant,
            of store: some SessionStore,
            limit: Int
        ) async throws -> Set<SessionKey> {
            var keys: Set<SessionKey> = []
            var cursor: ListCursor?
            repeat {
                let page = try await store.list(tenant, cursor: cursor, limit: limit)
                keys.formUnion(page.keys)
                cursor = page.next
            } while cursor != nil
            return keys
        }
    }

    @Test(arguments: cases)
    func `the store answers what the store in memory answers, and leaves nothing behind`(run: Case) async throws {
        let given = ProcessInfo.processInfo.environment["STATELINE_SEED"].flatMap { UInt64($0) }
        let seed = given ?? .random(in: .min ... .max)
        print("RedisStoreDifferentialTests: STATELINE_SEED=\(seed)")
        try await StoreBench.runTimed(layout: run.layout) { bench in
            var random = SeededGenerator(seed: seed)
            var pair = Pair(bench, run)
            for step in 0..<2000 {
                do { try await Self.step(&pair, &random) } catch {
                    Issue.record("step \(step) of seed \(seed): \(error)")
                    return
                }
            }
            for key in Self.keys.shuffled(using: &random) { try await pair.delete(key, at: nil) }
            // The server may keep what is over for ten seconds.
            try pair.advance(by: run.retention + .seconds(100))
            #expect(try bench.server.command(["KEYS", "*"]) == "", "seed \(seed)")
        }
    }

    private static let roots = ["a", "b", "c"].map { SessionKey($0) }
    private static let keys = roots + roots.flatMap { root in ["x", "y", "z"].map { root.fork($0) } }

    private static func step(_ pair: inout Pair, _ random: inout SeededGenerator) async throws {
        let key = keys.randomElement(using: &random) ?? roots[0]
        let known = pair.writers[key] ?? []
        switch Int.random(in: 0..<22, using: &random) {
        case 0..<3: try await pair.load(key, after: known.randomElement(using: &random)?.position)
        case 3: try await pair.load(key, after: pair.writers.values.randomElement(using: &random)?.last?.position)
        case 4: try await pair.delete(key, at: Bool.random(using: &random) ? nil : known.last?.position)
        case 5: try await pair.list(key.tenant, limit: Int.random(in: 1...5, using: &random))
        case 6: try pair.advance(by: .milliseconds(Int.random(in: 1...9000, using: &random)))
        case 7..<12:
            guard let base = known.suffix(4).randomElement(using: &random), base.position.revision > 0 else { return }
            let id = ["x", "y", "z"].randomElement(using: &random) ?? "x"
            let (log, first) = base.fork(as: id)
            guard log.key != key else { return }
            let result = try await pair.fork(key, at: base.position, to: log.key, first: first)
            if result == .forked { pair.writers[log.key] = [base, log] }
            if result == .forked, Bool.random(using: &random) {
                _ = try await pair.fork(key, at: base.position, to: log.key, first: first)
            }
        case 12 where roots.contains(key):
            var writer = LogWriter(key)
            let origin = writer.position
            let batch = writer.append(.prompt("creation"))
            if case .committed = try await pair.append(batch, to: key, at: origin) { pair.writers[key] = [writer] }
        default:
            guard var writer = known.suffix(3).randomElement(using: &random) else { return }
            let position = writer.position
            let batch = writer.append(.prompt("turn"))
            if case .committed = try await pair.append(batch, to: key, at: position) {
                pair.writers[key, default: []].append(writer)
                if Bool.random(using: &random) { _ = try await pair.append(batch, to: key, at: position) }
            }
        }
    }
}
