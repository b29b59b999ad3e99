import Foundation
import Stateline
import StatelineMemory
import StatelineTesting
import Testing

/// Random operations on the memory store and on the reference, whose answers have to be the same.
@Suite struct DifferentialTests {
    /// Two stores of one clock, and all writers that were ever right.
    private struct Pair {
        let clock = ManualClock()
        let store: MemoryStore
        let reference: ReferenceStore
        var writers: [SessionKey: [LogWriter]] = [:]

        init(_ lifetime: Lifetime?) {
            store = MemoryStore(lifetime: lifetime, retention: .seconds(50), clock: clock)
            reference = ReferenceStore(lifetime: lifetime, retention: .seconds(50), clock: clock)
        }

        func append(_ batch: EncodedBatch, to key: SessionKey, at position: Position) async throws -> AppendResult {
            let actual = try await store.append(batch, to: key, expecting: position)
            let expected = try await reference.append(batch, to: key, expecting: position)
            try #require(actual == expected, "append to \(key) at \(position.revision)")
            return expected
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

        private static func all(_ tenant: Tenant, of store: some SessionStore, limit: Int) async throws -> Set<
            SessionKey
        > {
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

    @Test(arguments: [nil, Lifetime.idle(.seconds(20)), .both(idle: .seconds(20), absolute: .seconds(45))])
    func `the store answers what the reference answers`(lifetime: Lifetime?) async throws {
        let given = ProcessInfo.processInfo.environment["STATELINE_SEED"].flatMap { UInt64($0) }
        let seed = given ?? .random(in: .min ... .max)
        print("DifferentialTests: STATELINE_SEED=\(seed)")
        var random = SeededGenerator(seed: seed)
        var pair = Pair(lifetime)
        for step in 0..<3000 {
            do { try await Self.step(&pair, &random) } catch {
                Issue.record("step \(step) of seed \(seed): \(error)")
                return
            }
        }
    }

    private static func step(_ pair: inout Pair, _ random: inout SeededGenerator) async throws {
        let roots = ["a", "b", "c"].map { SessionKey($0) }
        let keys = roots + roots.flatMap { root in ["x", "y"].map { root.fork($0) } }
        let key = keys.randomElement(using: &random) ?? roots[0]
        let known = pair.writers[key] ?? []
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<3: try await pair.load(key, after: known.randomElement(using: &random)?.position)
        case 3: try await pair.delete(key, at: Bool.random(using: &random) ? nil : known.last?.position)
        case 4: try await pair.list(key.tenant, limit: Int.random(in: 1...5, using: &random))
        case 5: pair.clock.advance(by: .seconds(Int.random(in: 1...15, using: &random)))
        case 6..<10:
            guard let base = known.suffix(4).randomElement(using: &random), base.position.revision > 0 else { return }
            let id = ["x", "y"].randomElement(using: &random) ?? "x"
            let (log, first) = base.fork(as: id)
            guard log.key != key else { return }
            let result = try await pair.fork(key, at: base.position, to: log.key, first: first)
            if result == .forked { pair.writers[log.key] = [log] }
        case 10 where roots.contains(key):
            var writer = LogWriter(key)
            let origin = writer.position
            let batch = writer.append(.prompt("creation"))
            if try await pair.append(batch, to: key, at: origin) == .committed(.memory) { pair.writers[key] = [writer] }
        default:
            guard var writer = known.suffix(3).randomElement(using: &random) else { return }
            let position = writer.position
            let batch = writer.append(.prompt("turn"))
            if try await pair.append(batch, to: key, at: position) == .committed(.memory) {
                pair.writers[key, default: []].append(writer)
                if Bool.random(using: &random) { _ = try await pair.append(batch, to: key, at: position) }
            }
        }
    }
}
