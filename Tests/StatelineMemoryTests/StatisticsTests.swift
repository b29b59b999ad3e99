import Stateline
import StatelineTesting
import Testing

@testable import StatelineMemory

/// What stores and caches tell of themselves.
@Suite struct StatisticsTests {
    private func create(_ name: String, in store: MemoryStore, bytes: Int = 100) async throws -> LogWriter {
        var writer = LogWriter(SessionKey(name))
        let origin = writer.position
        let batch = writer.append(.prompt(String(repeating: "x", count: bytes)))
        _ = try await store.append(batch, to: writer.key, expecting: origin)
        return writer
    }

    @Test func `a store counts what it holds, removed and refused`() async throws {
        let clock = ManualClock()
        let store = MemoryStore(byteLimit: 16 << 10, lifetime: .idle(.seconds(100)), clock: clock)
        for number in 0..<3 { _ = try await create("old \(number)", in: store) }
        clock.advance(by: .seconds(100))
        let live = try await create("live", in: store)
        let deleted = try await create("deleted", in: store)
        #expect(try await store.delete(deleted.key, expecting: nil) == .deleted)
        await #expect(throws: StoreError.self) { try await create("large", in: store, bytes: 16 << 10) }
        let statistics = store.statistics
        #expect(statistics.bytes == store.byteCount)
        #expect(statistics.byteLimit == 16 << 10)
        #expect(statistics.keys == 5)
        #expect(statistics.marks == 4)
        #expect(statistics.expirations == 3)
        #expect(statistics.deletions == 1)
        #expect(statistics.refusals == 1)
        #expect(statistics.forgottenForRoom == 0)
        #expect(try await store.load(live.key, after: live.position) == .current)
        let named = store.metricValues.map { ($0.name + $0.labels.values.joined(), $0) }
        let values = Dictionary(uniqueKeysWithValues: named)
        #expect(values["stateline.store.keysgone"]?.value == 4)
        #expect(values["stateline.store.keyslive"]?.value == 1)
        #expect(values["stateline.store.removedexpired"]?.value == 3)
        #expect(values["stateline.store.refusedfull"]?.value == 1)
        #expect(values["stateline.store.memory.limit"]?.value == 16 << 10)
    }

    @Test func `marks that go for room are counted`() async throws {
        let store = MemoryStore(byteLimit: 32 << 10)
        for number in 0..<200 {
            let writer = try await create("session \(number)", in: store)
            _ = try await store.delete(writer.key, expecting: nil)
        }
        #expect(store.statistics.forgottenForRoom == 200 - store.statistics.marks)
        #expect(store.statistics.forgottenForRoom > 0)
        #expect(store.statistics.markBytes == store.byteCount)
    }

    @Test func `a cache counts what it holds and evicts`() async throws {
        let cache = MemoryCache(byteLimit: 64 << 10)
        let boundary = Boundary(store: MemoryStore(), cache: cache)
        for number in 0..<100 {
            _ = try await boundary.session(SessionKey("session \(number)"), model: Echo(), instructions: "Be brief.")
        }
        let statistics = cache.statistics
        #expect((1..<100).contains(statistics.sessions))
        #expect((1...64 << 10).contains(statistics.bytes))
        #expect(statistics.evictions + statistics.sessions >= 100)
        #expect(statistics.evictedBytes > 0)
        #expect(cache.metricValues.first { $0.name == "stateline.cache.evictions" }?.value == statistics.evictions)
    }

    @Test func `the default bound is a quarter of the lowest limit that the system names`() {
        let files = [
            "/proc/meminfo": "MemTotal:       16000000 kB\nMemFree: 1 kB\n",
            "/proc/self/cgroup": "0::/user.slice/app\n",
            "/sys/fs/cgroup/user.slice/memory.max": "max\n",
            "/sys/fs/cgroup/user.slice/app/memory.max": "2147483648\n",
        ]
        #expect(ProcessMemory.limit { files[$0] } == 2 << 30)
        var container = files
        container["/sys/fs/cgroup/user.slice/app/memory.max"] = nil
        #expect(ProcessMemory.limit { container[$0] } == 16_000_000 << 10)
        container["/sys/fs/cgroup/memory.max"] = "1073741824"
        #expect(ProcessMemory.limit { container[$0] } == 1 << 30)
        let old = [
            "/proc/self/cgroup": "5:cpu,cpuacct:/a\n4:memory:/a/b\n",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
            "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "536870912",
        ]
        #expect(ProcessMemory.limit { old[$0] } == 512 << 20)
        #expect(ProcessMemory.limit { _ in nil } == nil)
        #expect(MemoryStore().byteLimit == ProcessMemory.limit / 4)
        #expect(MemoryStore(byteLimit: nil).byteLimit == nil)
    }
}
