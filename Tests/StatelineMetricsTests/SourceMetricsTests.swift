import Stateline
import StatelineMemory
import StatelineTesting
import Testing

@testable import StatelineMetrics

/// The figures of stores and caches, on a page of Prometheus.
@Suite struct SourceMetricsTests {
    private func create(_ name: String, in boundary: Boundary) async throws {
        _ = try await boundary.session(SessionKey(name), model: ScriptedModel([.text("hello")]), opening: .create)
    }

    private func value(_ series: String, on page: String) -> Double? {
        page.split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .flatMap { $0.split(separator: " ").last }
            .flatMap { Double($0) }
    }

    @Test func `a page tells what a store and its cache hold, removed and refused`() async throws {
        let exporter = PrometheusExporter()
        let store = MemoryStore(byteLimit: 64 << 10)
        let metrics = SourceMetrics([store, store.cache], factory: exporter)
        let boundary = Boundary(store: store)
        metrics.record()
        #expect(value("stateline_store_removed_total{reason=\"deleted\"}", on: exporter.text()) == 0)
        for name in ["a", "b", "c"] { try await create(name, in: boundary) }
        try await boundary.delete(SessionKey("c"))
        metrics.record()
        metrics.record()
        let page = exporter.text()
        #expect(value("stateline_store_keys{state=\"live\"}", on: page) == 2)
        #expect(value("stateline_store_keys{state=\"gone\"}", on: page) == 1)
        #expect(value("stateline_store_removed_total{reason=\"deleted\"}", on: page) == 1)
        #expect(value("stateline_store_refused_total{reason=\"full\"}", on: page) == 0)
        #expect(value("stateline_store_memory_bytes", on: page) == Double(store.byteCount))
        #expect(value("stateline_store_memory_limit_bytes", on: page) == Double(64 << 10))
        #expect(value("stateline_store_limbo_bytes", on: page) != nil)
        #expect(value("stateline_cache_entries", on: page) == 2)
        #expect(value("stateline_cache_bytes", on: page) == Double(store.cache.statistics.bytes))
        #expect(value("stateline_cache_evictions_total{reason=\"room\"}", on: page) == 0)
    }

    @Test func `what is run records until it is cancelled`() async throws {
        let exporter = PrometheusExporter()
        let (clock, store) = (ManualClock(), MemoryStore())
        let metrics = SourceMetrics([store], factory: exporter, interval: .seconds(5), clock: clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await metrics.run() }
            await clock.waitForSleepers(1)
            #expect(value("stateline_store_keys{state=\"live\"}", on: exporter.text()) == 0)
            try await create("a", in: Boundary(store: store))
            clock.advance(by: .seconds(5))
            await clock.waitForSleepers(1)
            #expect(value("stateline_store_keys{state=\"live\"}", on: exporter.text()) == 1)
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
