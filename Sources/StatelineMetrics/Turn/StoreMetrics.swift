internal import CoreMetrics
internal import Stateline

/// The metrics of the store and its cache, as turns used them.
struct StoreMetrics {
    private let read: any CounterHandler
    private let written: any CounterHandler
    private let loads: any RecorderHandler
    private let commits: any RecorderHandler
    private let results: LabelTable<CommitLabel, any CounterHandler>
    private let levels: LabelTable<DurabilityLabel, any CounterHandler>
    private let lookups: LabelTable<CacheLabel, any CounterHandler>
    private let size: any RecorderHandler

    init(_ factory: any MetricsFactory, backend: String) {
        read = factory.counter(.storeBytes, ["backend": backend, "direction": "read"])
        written = factory.counter(.storeBytes, ["backend": backend, "direction": "write"])
        loads = factory.recorder(.storeRoundTrips, ["op": "load"])
        commits = factory.recorder(.storeRoundTrips, ["op": "commit"])
        results = LabelTable { factory.counter(.commit, ["result": $0.rawValue]) }
        levels = LabelTable { factory.counter(.durability, ["level": $0.rawValue]) }
        lookups = LabelTable { factory.counter(.cacheRequests, ["result": $0.rawValue]) }
        size = factory.recorder(.sessionSize)
    }

    func record(_ turn: EndedTurn) {
        read.add(turn.trace.storeBytesRead)
        written.add(turn.trace.storeBytesWritten)
        if turn.trace.storeRoundTrips > turn.commitRoundTrips {
            loads.record(Int64(turn.trace.storeRoundTrips - turn.commitRoundTrips))
        }
        if turn.commitRoundTrips > 0 { commits.record(Int64(turn.commitRoundTrips)) }
        if let label = turn.commitLabel { results[label].increment(by: 1) }
        lookups[CacheLabel(turn.trace.cacheOutcome)].increment(by: 1)
        guard let level = turn.durabilityLabel else { return }
        levels[level].increment(by: 1)
        size.record(Int64(turn.viewBytes))
    }
}
