import Foundation
import NIOCore
import Stateline
import StatelineMemory
import StatelineTesting
import Testing

/// Marks of sessions that are gone: they are remembered as long as there is room.
@Suite struct MarkTests {
    let clock = ManualClock()

    private func create(_ name: String, in store: MemoryStore, bytes: Int = 5) async throws -> LogWriter {
        var writer = LogWriter(SessionKey(name))
        let origin = writer.position
        let batch = writer.append(.prompt(String(repeating: "x", count: bytes)))
        let result = try await store.append(batch, to: writer.key, expecting: origin)
        try #require(result == .committed(.memory))
        return writer
    }

    /// A session a second, none of which is deleted, in a store that has room for the marks of an hour.
    ///
    /// `STATELINE_DAYS` is how long it goes on, in a store of 16 MiB.
    @Test func `sessions are made for days although their marks would fill the store`() async throws {
        let days = ProcessInfo.processInfo.environment["STATELINE_DAYS"].flatMap { Int($0) }
        let seconds = days.map { $0 * 86_400 } ?? 20_000
        let limit = days == nil ? 1 << 20 : 16 << 20
        let store = MemoryStore(byteLimit: limit, lifetime: .idle(.seconds(60)), clock: clock)
        for second in 0..<seconds {
            _ = try await create("session \(second)", in: store)
            clock.advance(by: .seconds(1))
            if second.isMultiple(of: 86_400) { print("MarkTests: day \(second / 86_400), \(store.byteCount) bytes") }
        }
        #expect(store.byteCount <= limit)
        // The newest are remembered, the first ones are not any more.
        #expect(try await store.load(SessionKey("session \(seconds - 100)"), after: nil) == .gone(.expired))
        #expect(try await store.load(SessionKey("session 0"), after: nil) == .gone(.absent))
    }

    @Test func `marks go when others need their room, the oldest first, until an eighth is left`() async throws {
        let limit = 64 << 10
        let store = MemoryStore(byteLimit: limit, clock: clock)
        for number in 0..<150 {
            let writer = try await create("gone \(number)", in: store)
            #expect(try await store.delete(writer.key, expecting: nil) == .deleted)
            clock.advance(by: .seconds(1))
        }
        let remembered = store.byteCount
        #expect(store.keyCount == 150, "there is room for all of them")
        var live = try await create("live", in: store)
        let full = await #expect(throws: StoreError.self) {
            while true {
                var longer = live
                let batch = longer.append(.prompt(String(repeating: "x", count: 1000)))
                _ = try await store.append(batch, to: live.key, expecting: live.position)
                live = longer
            }
        }
        #expect(full?.reason == .full)
        let kept = store.keyCount - 1
        let markBytes = remembered / 150
        #expect((limit / 8 - markBytes...limit / 8).contains(kept * markBytes))
        for number in 0..<150 {
            let expected: Absence = number < 150 - kept ? .absent : .deleted
            #expect(try await store.load(SessionKey("gone \(number)"), after: nil) == .gone(expected))
        }
    }

    @Test func `a turn is not refused while what has expired would make room for it`() async throws {
        let store = MemoryStore(
            byteLimit: 8 << 20,
            lifetime: .idle(.seconds(100)),
            retention: .seconds(1000),
            clock: clock
        )
        for number in 0..<4000 { _ = try await create("old \(number)", in: store) }
        clock.advance(by: .seconds(50))
        var live: [LogWriter] = []
        do {
            while true { live.append(try await create("live \(live.count)", in: store, bytes: 64 << 10)) }
        } catch let error as StoreError {
            #expect(error.reason == .full)
        }
        clock.advance(by: .seconds(50))
        var writer = live[0]
        let position = writer.position
        let batch = writer.append(.prompt(String(repeating: "x", count: 256 << 10)))
        #expect(try await store.append(batch, to: writer.key, expecting: position) == .committed(.memory))
        for writer in live.dropFirst() {
            #expect(try await store.load(writer.key, after: writer.position) == .current)
        }
    }

    @Test func `appends remove what is over, a few keys each`() async throws {
        let store = MemoryStore(lifetime: .idle(.seconds(100)), retention: .seconds(1000), clock: clock)
        for number in 0..<40 { _ = try await create("old \(number)", in: store) }
        clock.advance(by: .seconds(100))
        var writer = try await create("new", in: store)
        var bytes = store.byteCount
        for step in 0..<4 {
            let position = writer.position
            _ = try await store.append(writer.append(.prompt("")), to: writer.key, expecting: position)
            #expect(store.byteCount < bytes, "step \(step)")
            bytes = store.byteCount
        }
        // 40 sessions have left 40 marks.
        #expect(store.keyCount == 41)
        clock.advance(by: .seconds(1000))
        for number in 0..<6 { _ = try await create("newer \(number)", in: store) }
        // The marks are gone, and the one session that expired since has left another one.
        #expect(store.keyCount == 7)
    }

    @Test func `a session that goes on is not removed at its first end`() async throws {
        let store = MemoryStore(lifetime: .idle(.seconds(100)), clock: clock)
        var writer = try await create("going on", in: store)
        for _ in 0..<20 {
            clock.advance(by: .seconds(60))
            let position = writer.position
            let result = try await store.append(writer.append(.prompt("")), to: writer.key, expecting: position)
            #expect(result == .committed(.memory))
        }
        #expect(store.keyCount == 1)
        clock.advance(by: .seconds(100))
        let bytes = store.byteCount
        _ = try await create("other", in: store)
        #expect(store.byteCount < bytes, "its present end is known")
    }
}
