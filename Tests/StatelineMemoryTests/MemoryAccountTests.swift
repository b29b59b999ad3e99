import NIOCore
import Stateline
import StatelineMemory
import StatelineTesting
import Testing

/// What a memory store counts, and that it gives all of it back.
@Suite struct MemoryAccountTests {
    let clock = ManualClock()

    /// What a key counts for: 256, and twice its bytes with the lengths and colons between its parts.
    private static func cost(ofKey key: SessionKey) -> Int {
        let family = key.family == key.id ? "" : String(key.family.utf8.count) + key.family
        return 256 + 2
            * (String(key.tenant.rawValue.utf8.count) + key.tenant.rawValue + family + key.id + "::").utf8.count
    }

    private static func cost(of batches: [EncodedBatch]) -> Int {
        batches.reduce(0) { $0 + 256 + $1.bytes.readableBytes }
    }

    private func write(_ count: Int, to key: SessionKey, in store: MemoryStore) async throws -> (
        LogWriter, [EncodedBatch]
    ) {
        var writer = LogWriter(key)
        var batches: [EncodedBatch] = []
        for number in 0..<count {
            let position = writer.position
            batches.append(writer.append(.prompt("prompt \(number)")))
            let result = try await store.append(batches[number], to: key, expecting: position)
            try #require(result == .committed(.memory))
        }
        return (writer, batches)
    }

    @Test func `what is counted is what is documented`() async throws {
        let store = MemoryStore()
        let key = SessionKey("session", tenant: "tenant")
        let (_, batches) = try await write(3, to: key, in: store)
        #expect(store.byteCount == Self.cost(ofKey: key) + 256 + Self.cost(of: batches))
        #expect(store.keyCount == 1)
        #expect(try await store.delete(key, expecting: nil) == .deleted)
        #expect(store.byteCount == Self.cost(ofKey: key))
        #expect(store.keyCount == 1)
    }

    @Test func `what a retry, a loser or a refused creation reserved is given back`() async throws {
        let store = MemoryStore()
        let key = SessionKey("session")
        let (writer, batches) = try await write(2, to: key, in: store)
        let count = store.byteCount
        var late = LogWriter(key)
        _ = try await store.append(batches[1], to: key, expecting: batches[0].position)
        _ = try await store.append(
            late.append(.prompt("late")),
            to: key,
            expecting: .origin(of: key, incarnation: .random())
        )
        let (_, first) = writer.fork(as: "fork")
        _ = try await store.fork(key, at: batches[0].position, to: key.fork("session"), first: batches[1])
        _ = try await store.fork(
            SessionKey("other"),
            at: writer.position,
            to: SessionKey("other").fork("fork"),
            first: first
        )
        #expect(store.byteCount == count)
    }

    @Test func `batches that forks share are counted once, until the last of them is gone`() async throws {
        let store = MemoryStore(retention: .zero)
        let key = SessionKey("root")
        let (_, batches) = try await write(10, to: key, in: store)
        let alone = store.byteCount
        var forks: [(key: SessionKey, first: EncodedBatch)] = []
        for (number, revision) in [3, 7, 7].enumerated() {
            var writer = LogWriter(key, incarnation: batches[0].position.incarnation)
            try writer.follow(Array(batches[..<revision]))
            let (log, first) = writer.fork(as: "fork \(number)")
            let result = try await store.fork(key, at: writer.position, to: log.key, first: first)
            try #require(result == .forked)
            forks.append((log.key, first))
        }
        let own = forks.reduce(0) { $0 + Self.cost(ofKey: $1.key) + 256 + Self.cost(of: [$1.first]) }
        #expect(store.byteCount == alone + own)
        // The parent goes: what its longest fork holds of it stays.
        let before = store.byteCount
        #expect(try await store.delete(key, expecting: nil) == .deleted)
        #expect(before - store.byteCount == 256 + Self.cost(of: Array(batches[7...])))
        // One of two forks at revision 7 goes, then the other one.
        _ = try await store.delete(forks[1].key, expecting: nil)
        let two = store.byteCount
        _ = try await store.delete(forks[2].key, expecting: nil)
        #expect(two - store.byteCount == 256 + Self.cost(of: [forks[2].first]) + Self.cost(of: Array(batches[3..<7])))
        _ = try await store.delete(forks[0].key, expecting: nil)
        // Nothing is remembered where the retention is nothing: whoever asks takes the last of it away.
        for key in [key] + forks.map(\.key) { #expect(try await store.load(key, after: nil) == .gone(.absent)) }
        #expect(store.byteCount == 0)
        #expect(store.keyCount == 0)
    }

    @Test func `what is over is freed without traffic`() async throws {
        let store = MemoryStore(
            lifetime: .idle(.seconds(100)),
            retention: .seconds(1000),
            sweepInterval: .seconds(10),
            clock: clock
        )
        let keys = (0..<600).map { SessionKey("session \($0)") }
        for key in keys { _ = try await write(1, to: key, in: store) }
        let marks = keys.reduce(0) { $0 + Self.cost(ofKey: $1) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await store.run() }
            await clock.waitForSleepers(1)
            clock.advance(by: .seconds(99))
            await clock.waitForSleepers(1)
            #expect(store.byteCount > marks + keys.count * 256)
            clock.advance(by: .seconds(10))
            await clock.waitForSleepers(1)
            #expect(store.keyCount == keys.count)
            #expect(store.byteCount == marks)
            clock.advance(by: .seconds(1000))
            await clock.waitForSleepers(1)
            #expect(store.keyCount == 0)
            #expect(store.byteCount == 0)
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test func `a store at its bound makes room of what has expired before it refuses`() async throws {
        let store = MemoryStore(byteLimit: 8 << 10, lifetime: .idle(.seconds(100)), retention: .zero, clock: clock)
        var count = 0
        do {
            while true {
                _ = try await write(1, to: SessionKey("old \(count)"), in: store)
                count += 1
            }
        } catch let error as StoreError {
            #expect(error.reason == .full)
            #expect(error.committed == .no)
        }
        #expect(store.byteCount <= 8 << 10)
        clock.advance(by: .seconds(100))
        for number in 0..<count { _ = try await write(1, to: SessionKey("new \(number)"), in: store) }
        #expect(store.byteCount <= 8 << 10)
    }

    @Test func `the count is exact after writers raced`() async throws {
        let store = MemoryStore(byteLimit: 1 << 20, retention: .zero)
        await withTaskGroup { group in
            for racer in 0..<4 {
                group.addTask { await race(racer, in: store) }
            }
        }
        for number in 0..<4 {
            let key = SessionKey("shared \(number)")
            for fork in [key] + (0..<4).map({ key.fork("fork \($0)") }) {
                _ = try await store.delete(fork, expecting: nil)
                _ = try await store.load(fork, after: nil)
            }
        }
        #expect(store.keyCount == 0)
        #expect(store.byteCount == 0)
    }

    /// Creates, appends to, forks and deletes the same four sessions as the other racers.
    private func race(_ racer: Int, in store: MemoryStore) async {
        var numbers = SeededGenerator(seed: UInt64(racer))
        for _ in 0..<400 {
            await Task.yield()
            let key = SessionKey("shared \(Int.random(in: 0..<4, using: &numbers))")
            var writer = LogWriter(key)
            if case .tail(let batches)? = try? await store.load(key, after: nil) {
                writer = LogWriter(key, incarnation: batches[0].position.incarnation)
                try? writer.follow(batches)
            }
            let position = writer.position
            switch Int.random(in: 0..<8, using: &numbers) {
            case 0: _ = try? await store.delete(key, expecting: nil)
            case 1: _ = try? await store.delete(key.fork("fork \(racer)"), expecting: nil)
            case 2 where position.revision > 0:
                let (log, first) = writer.fork(as: "fork \(racer)")
                _ = try? await store.fork(key, at: position, to: log.key, first: first)
            default: _ = try? await store.append(writer.append(.prompt("by \(racer)")), to: key, expecting: position)
            }
        }
    }
}
