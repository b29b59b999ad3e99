import NIOCore
import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

/// What crosses to the server: round trips and bytes.
@Suite struct RedisStoreTrafficTests {
    private let key = SessionKey("session")

    @Test(arguments: [nil, Lifetime.both(idle: .seconds(60), absolute: .seconds(3600))])
    func `a commit is one round trip and a few hundred bytes beyond its batch, whatever the history is`(
        lifetime: Lifetime?
    ) async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store(lifetime)
            var (writer, _) = try await store.write(1, to: key)
            var sizes: Set<Int> = []
            for _ in 2...200 {
                var batch: EncodedBatch?
                let counts = try await fixture.sender.counting { batch = try await store.commit("text", to: &writer) }
                let bytes = try #require(batch).bytes.readableBytes
                #expect(counts.lanes == [.shared])
                sizes.insert(counts.bytesUp - bytes)
                #expect(counts.bytesDown < 20)
            }
            #expect(try #require(sizes.max()) <= 300)
        }
    }

    @Test func `a cold load is one round trip, on the connection for large replies`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            let (_, batches) = try await store.write(50, to: key, text: String(repeating: "x", count: 1024))
            _ = try await store.load(key, after: nil)
            var result: LoadResult?
            let counts = try await fixture.sender.counting { result = try await store.load(key, after: nil) }
            #expect(result == .tail(batches))
            #expect(counts.lanes == [.bulk])
            #expect(counts.bytesDown < batches.reduce(500) { $0 + $1.bytes.readableBytes + 40 })
        }
    }

    @Test func `a session beyond 8 MiB comes with one more round trip`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            let (_, batches) = try await store.write(3, to: key, text: String(repeating: "x", count: 3 << 20))
            let counts = try await fixture.sender.counting {
                let result = try await store.load(key, after: nil)
                #expect(result == .tail(batches))
            }
            #expect(counts.lanes == [.bulk, .bulk])
        }
    }

    @Test func `each further piece is one more round trip, and may end at any byte of a batch`() async throws {
        try await StoreFixture.run { fixture in
            let size = 4096
            let store = fixture.store(pieceSize: size)
            var writer = LogWriter(key)
            var batches: [EncodedBatch] = []
            var bytes = 0
            while bytes < 4 * size {
                let batch = try await store.commit(String(repeating: "x", count: batches.count % 7), to: &writer)
                batches.append(batch)
                bytes += batch.bytes.readableBytes + 8
                let counts = try await fixture.sender.counting {
                    let result = try await store.load(key, after: nil)
                    #expect(result == .tail(batches))
                }
                #expect(counts.lanes == Array(repeating: .bulk, count: (bytes + size - 1) / size), "\(bytes) bytes")
            }
            let short = SessionKey("short")
            let (_, few) = try await store.write(6, to: short)
            for size in 60..<300 {
                let result = try await fixture.store(pieceSize: size).load(short, after: nil)
                #expect(result == .tail(few), "pieces of \(size)")
            }
        }
    }

    @Test func `a reader gets what it lacks and no more`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            let (writer, batches) = try await store.write(300, to: key, text: String(repeating: "x", count: 512))
            _ = try await store.load(key, after: writer.position)
            let current = try await fixture.sender.counting {
                let result = try await store.load(key, after: writer.position)
                #expect(result == .current)
            }
            #expect(current.lanes == [.shared])
            #expect(current.bytesUp < 350 && current.bytesDown < 20)
            for missing in [1, 2, 10, 60, 250] {
                var result: LoadResult?
                let counts = try await fixture.sender.counting {
                    result = try await store.load(key, after: batches[299 - missing].position)
                }
                let tail = batches.suffix(missing)
                #expect(result == .tail(Array(tail)))
                let bytes = tail.reduce(0) { $0 + $1.bytes.readableBytes }
                // Up to 64 KiB come with the answer, more of it is read beside it.
                #expect(counts.lanes == (bytes < 60_000 ? [.shared] : [.shared, .bulk]))
                #expect(counts.bytesDown <= bytes + 40 * missing + 300)
            }
        }
    }

    @Test func `a loser gets what it lacks in the answer to its commit`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            var (winner, _) = try await store.write(5, to: key)
            var loser = winner
            let position = winner.position
            var missing: [EncodedBatch] = []
            for number in 0..<3 { missing.append(try await store.commit("winner \(number)", to: &winner)) }
            let batch = loser.append(.prompt("loser"))
            let counts = try await fixture.sender.counting {
                let result = try await store.append(batch, to: key, expecting: position)
                #expect(result == .stale(missing: missing))
            }
            #expect(counts.lanes == [.shared])
        }
    }

    @Test func `a position far back is looked for in steps, and what others append meanwhile changes nothing`()
        async throws
    {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            var (writer, batches) = try await store.write(2500, to: key, text: "")
            _ = try await store.load(key, after: batches[2499].position)
            for revision in [1, 400, 1475, 1476, 2000] {
                var result: LoadResult?
                let counts = try await fixture.sender.counting {
                    result = try await store.load(key, after: batches[revision - 1].position)
                }
                #expect(result == .tail(Array(batches[revision...])))
                let walks = (batches.count - revision + 1023) / 1024
                #expect(counts.lanes.count { $0 == .shared } == walks, "after \(revision)")
            }
            var far = try LogWriter(key).following(Array(batches.prefix(3)))
            let position = far.position
            let loser = far.append(.prompt("late"))
            let append = try await store.append(loser, to: key, expecting: position)
            #expect(append == .stale(missing: Array(batches[3...])))
            let (fork, first) = try LogWriter(key).following(Array(batches.prefix(7))).fork(as: "fork")
            let forked = try await store.fork(key, at: batches[6].position, to: fork.key, first: first)
            #expect(forked == .forked)
            let read = try await store.load(fork.key, after: nil)
            #expect(read == .tail(Array(batches.prefix(7)) + [first]))
            // Between two steps the session grows, and is deleted and made again.
            let next = writer.append(.prompt("between"))
            let before = batches[2499].position
            fixture.sender.afterNext { _ = try? await store.append(next, to: key, expecting: before) }
            let grown = try await store.load(key, after: batches[0].position)
            #expect(grown == .tail(Array(batches[1...]) + [next]))
            fixture.sender.afterNext { _ = try? await store.delete(key, expecting: nil) }
            let gone = try await store.load(key, after: batches[0].position)
            #expect(gone == .gone(.deleted))
        }
    }

    @Test func `a fork is read with one more round trip for all its ancestors`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            var (writer, batches) = try await store.write(3, to: key)
            for depth in 1...5 {
                let fork = writer.fork(as: "fork \(depth)")
                let result = try await store.fork(writer.key, at: writer.position, to: fork.log.key, first: fork.first)
                #expect(result == .forked)
                writer = fork.log
                batches.append(fork.first)
                batches.append(try await store.commit("more", to: &writer))
                let counts = try await fixture.sender.counting {
                    let result = try await store.load(writer.key, after: nil)
                    #expect(result == .tail(batches))
                }
                #expect(counts.lanes == [.bulk, .bulk])
            }
        }
    }
}

extension LogWriter {
    fileprivate func following(_ batches: [EncodedBatch]) throws -> LogWriter {
        var writer = LogWriter(key, incarnation: try #require(batches.first).position.incarnation)
        try writer.follow(batches)
        return writer
    }
}
