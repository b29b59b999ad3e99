import NIOCore
import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

/// The newest batches of sessions, without those before.
@Suite struct RedisStoreNewestTests {
    private let key = SessionKey("session")

    @Test func `the newest batch is one small reply, whatever the history is`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            let (_, batches) = try await store.write(300, to: key, text: String(repeating: "x", count: 1024))
            let counts = try await fixture.sender.counting {
                let newest = try await store.newest(of: [key])
                #expect(newest == [batches[299]])
            }
            #expect(counts.lanes == [.shared])
            #expect(counts.bytesUp < 300)
            #expect(counts.bytesDown < batches[299].bytes.readableBytes + 300)
        }
    }

    @Test func `many sessions are asked for at once, each by one request, and come in their order`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            var keys: [SessionKey] = []
            var expected: [EncodedBatch?] = []
            for number in 0..<300 {
                let key = SessionKey("session \(number)")
                keys.append(key)
                guard !number.isMultiple(of: 10) else {
                    expected.append(nil)
                    continue
                }
                expected.append(try await store.write(1 + number % 3, to: key).1.last)
            }
            let there = zip(keys, expected).filter { $0.1 != nil }
            let counts = try await fixture.sender.counting {
                let newest = try await store.newest(of: there.map(\.0))
                #expect(newest == there.map(\.1))
            }
            #expect(counts.requests == there.count)
            let all = try await store.newest(of: keys)
            // A server that may have evicted a session is asked about it, and the session is gone in any case.
            #expect(all == expected)
        }
    }

    @Test func `a batch that is too large for a reply of the script takes one more round trip`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            let (_, batches) = try await store.write(3, to: key, text: String(repeating: "x", count: 100_000))
            let counts = try await fixture.sender.counting {
                let newest = try await store.newest(of: [key])
                #expect(newest == [batches[2]])
            }
            #expect(counts.lanes == [.shared, .bulk])
            #expect(counts.bytesDown < 101_000)
        }
    }

    @Test func `a damaged newest batch is corrupt, and damage before it is not seen`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            let (_, batches) = try await store.write(3, to: key)
            try fixture.command("SETRANGE", "l", "120", "Z", on: key)
            let newest = try await store.newest(of: [key])
            #expect(newest == [batches[2]])
            await #expect(throws: StoreError.self) { try await store.load(key, after: nil) }
            try fixture.command(
                "SETRANGE",
                "l",
                String(batches.reduce(0) { $0 + $1.bytes.readableBytes + 8 } - 6),
                "Z",
                on: key
            )
            let error = await #expect(throws: StoreError.self) { try await store.newest(of: [key]) }
            #expect(error?.reason == .corrupt && error?.committed == .no)
            try fixture.command("APPEND", "l", "x", on: key)
            let longer = await #expect(throws: StoreError.self) { try await store.newest(of: [key]) }
            #expect(longer?.reason == .corrupt)
        }
    }

    @Test func `a lost reply and a server that is away are failures, not absence`() async throws {
        try await StoreFixture.run { fixture in
            let store = fixture.store()
            _ = try await store.write(1, to: key)
            fixture.sender.loseNext()
            let error = await #expect(throws: StoreError.self) { try await store.newest(of: [key]) }
            #expect(error?.reason == .unavailable && error?.committed == .no)
        }
    }
}
