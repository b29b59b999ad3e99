import Foundation
import LockFreeMap
import NIOConcurrencyHelpers
import Stateline
import StatelineTesting
import Testing

@testable import StatelineMemory

/// The memory of sessions that are gone, until the system has it back.
@Suite struct SweepTests {
    let clock = ManualClock()

    private func create(_ name: String, in store: MemoryStore, bytes: Int = 100) async throws -> LogWriter {
        var writer = LogWriter(SessionKey(name))
        let origin = writer.position
        let batch = writer.append(.prompt(String(repeating: "x", count: bytes)))
        let result = try await store.append(batch, to: writer.key, expecting: origin)
        try #require(result == .committed(.memory))
        return writer
    }

    /// The resident bytes of this process.
    private func residentBytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return try #require(line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }) << 10
    }

    /// `STATELINE_SESSIONS` is the number of sessions; with it, resident memory is measured, by a process that runs this
    /// test alone.
    @Test func `a sweep that removed everything leaves nothing in limbo`() async throws {
        let given = ProcessInfo.processInfo.environment["STATELINE_SESSIONS"].flatMap { Int($0) }
        let domain = EpochDomain()
        let store = MemoryStore(
            lifetime: .idle(.seconds(100)),
            retention: .seconds(1000),
            sweepInterval: .seconds(10),
            clock: clock,
            domain: domain
        )
        // What the first session of a process needs, and no further one.
        _ = try await create("first", in: store)
        let start = given == nil ? 0 : try residentBytes()
        for number in 0..<(given ?? 20_000) { _ = try await create("session \(number)", in: store) }
        let full = given == nil ? 0 : try residentBytes()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await store.run() }
            for _ in 0..<2 {
                await clock.waitForSleepers(1)
                clock.advance(by: .seconds(1100))
            }
            await clock.waitForSleepers(1)
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(store.keyCount == 0)
        #expect(store.byteCount == 0)
        #expect(domain.limboBytes == 0)
        guard given != nil else { return }
        let end = try residentBytes()
        print("SweepTests: resident \(start >> 20) MiB, full \(full >> 20) MiB, swept \(end >> 20) MiB")
        #expect(end <= start + start / 5)
    }

    @Test func `a sweep that removed most leaves no tombstones`() async throws {
        let store = MemoryStore(
            lifetime: .idle(.seconds(100)),
            retention: .seconds(1),
            clock: clock,
            domain: EpochDomain()
        )
        for number in 0..<1900 { _ = try await create("short \(number)", in: store, bytes: 10_000) }
        clock.advance(by: .seconds(90))
        for number in 0..<600 { _ = try await create("long \(number)", in: store, bytes: 10_000) }
        clock.advance(by: .seconds(20))
        await store.sweep()
        #expect(store.keyCount == 600)
        #expect(store.map.tombstoneCount == 0)
        #expect(!store.map.isMigrating)
    }

    @Test(.timeLimit(.minutes(5)))
    func `limbo counts the batches of the sessions that wait in it`() async throws {
        let domain = EpochDomain(limit: 1 << 20)
        let store = MemoryStore(domain: domain)
        var writers: [LogWriter] = []
        for number in 0..<8 { writers.append(try await create("session \(number)", in: store, bytes: 512 << 10)) }
        let (isPinned, leaves) = (NIOLockedValueBox(false), NIOLockedValueBox(false))
        let reader = Thread {
            domain.pinned {
                isPinned.withLockedValue { $0 = true }
                while !leaves.withLockedValue({ $0 }) { Thread.sleep(forTimeInterval: 0.001) }
            }
            isPinned.withLockedValue { $0 = false }
        }
        reader.start()
        while !isPinned.withLockedValue({ $0 }) { await Task.yield() }
        // A reader that stands still keeps 512 KiB of each session that is deleted: the bound is 1 MiB.
        var deleted = 0
        let error = await #expect(throws: StoreError.self, "4 MiB don't fit into a limbo of 1 MiB") {
            for writer in writers {
                let result = try await store.delete(writer.key, expecting: nil)
                #expect(result == .deleted)
                deleted += 1
            }
        }
        #expect(error?.reason == .unavailable)
        #expect(error?.committed == .no)
        #expect((2...3).contains(deleted))
        #expect(store.statistics.stalls == 1)
        #expect(store.statistics.limboBytes >= 1 << 20)
        leaves.withLockedValue { $0 = true }
        while isPinned.withLockedValue({ $0 }) { await Task.yield() }
        for writer in writers[deleted...] { #expect(try await store.delete(writer.key, expecting: nil) == .deleted) }
        domain.flush()
        #expect(store.statistics.limboBytes == 0)
    }

    @Test func `an append to a large session counts little in limbo`() async throws {
        let domain = EpochDomain()
        let store = MemoryStore(domain: domain)
        var writer = try await create("large", in: store, bytes: 4 << 20)
        for _ in 0..<100 {
            let position = writer.position
            _ = try await store.append(writer.append(.prompt("more")), to: writer.key, expecting: position)
        }
        #expect(domain.limboBytes < 1 << 20)
    }
}
