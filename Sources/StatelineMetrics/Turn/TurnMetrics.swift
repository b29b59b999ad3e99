public import CoreMetrics
public import Stateline

/// Counts turns: where their time goes, what they sent again, and what became of their commits.
///
/// ```swift
/// let exporter = PrometheusExporter()
/// let boundary = Boundary(store: MemoryStore(), observers: [TurnMetrics(factory: exporter)])
/// ```
///
/// The names are those of ``MetricDefinition/turns``. Labels have few values: words of this library, the backend, and the
/// providers and models, of which the first ``maximumRoutes`` are told apart and the others are `_OTHER`. No label ever
/// holds a session, a tenant, or content.
///
/// - Complexity: O(*k*) in the number of a turn's calls. Each call takes one lock, to find the handlers of its route, and
///   a call that failed makes its timer anew, or has the factory find it; the other handlers were made before.
public struct TurnMetrics: TurnObserver {
    /// How many providers and models are told apart.
    public static let maximumRoutes = 64

    private let turns: WordTable<OutcomeWord, any TimerHandler>
    private let stages: [(stage: Stage, timer: any TimerHandler)]
    private let overhead: any RecorderHandler
    private let storeTime: any FloatingPointCounterHandler
    private let modelTime: any FloatingPointCounterHandler
    private let replay: ReplayMetrics
    private let store: StoreMetrics
    private let routes: RouteMetrics

    /// Makes the handlers.
    ///
    /// - Parameters:
    ///   - factory: Who keeps the values.
    ///   - backend: What the store is, in one constant word, such as `redis`: a label.
    public init(factory: any MetricsFactory = MetricsSystem.factory, backend: String = "store") {
        turns = WordTable { factory.timer(.turnDuration, ["outcome": $0.rawValue]) }
        stages = Stage.allCases.map { ($0, factory.timer(.stageDuration, ["stage": "\($0)"])) }
        overhead = factory.recorder(.overheadRatio)
        storeTime = factory.sum(.storeTime)
        modelTime = factory.sum(.modelTime)
        replay = ReplayMetrics(factory)
        store = StoreMetrics(factory, backend: backend)
        routes = RouteMetrics(factory, limit: Self.maximumRoutes)
    }

    /// Counts a turn.
    public func turnEnded(_ turn: EndedTurn) {
        let total = turn.trace.total.inNanoseconds
        turns[turn.outcomeWord].recordNanoseconds(total)
        var (ours, models, stores): (Int64, Int64, Int64) = (0, 0, 0)
        let times = turn.trace.stages
        for (stage, timer) in stages {
            let time = times[stage].inNanoseconds
            guard time > 0 else { continue }
            timer.recordNanoseconds(time)
            switch stage {
            case .connect, .send, .firstByte, .stream: models += time
            case .tools: break
            case .storeLoad, .storeCommit: (ours, stores) = (ours + time, stores + time)
            case .queueWait, .cacheLookup, .decode, .project, .fold, .encode: ours += time
            }
        }
        if total > 0 { overhead.record(Double(ours) / Double(total)) }
        if stores > 0 { storeTime.increment(by: Double(stores) / 1e9) }
        if models > 0 { modelTime.increment(by: Double(models) / 1e9) }
        store.record(turn)
        guard !turn.trace.crossings.isEmpty else { return }
        replay.record(turn.trace)
        for crossing in turn.trace.crossings { routes.record(crossing) }
    }
}

/// What was sent again.
struct ReplayMetrics {
    private let sentTokens: any CounterHandler
    private let newTokens: any CounterHandler
    private let sentBytes: any CounterHandler
    private let newBytes: any CounterHandler
    private let prefixBytes: any CounterHandler
    private let cachedTokens: any CounterHandler
    private let amplification: any RecorderHandler
    private let prefixBroken: any CounterHandler

    init(_ factory: any MetricsFactory) {
        sentTokens = factory.counter(.sentTokens)
        newTokens = factory.counter(.newTokens)
        sentBytes = factory.counter(.sentBytes)
        newBytes = factory.counter(.newBytes)
        prefixBytes = factory.counter(.prefixBytes)
        cachedTokens = factory.counter(.cachedTokens)
        amplification = factory.recorder(.amplification)
        // A turn knows that the prefix broke and where, not why: a view may have been set, or a draft dropped.
        prefixBroken = factory.counter(.prefixBroken, ["reason": "unknown"])
    }

    func record(_ trace: TurnTrace) {
        var sent = 0
        var new = 0
        for crossing in trace.crossings {
            sent += crossing.requestBytes
            new += crossing.newBytes
            guard let againTokens = crossing.sentAgainTokens, let tokens = crossing.newTokens else { continue }
            sentTokens.add(againTokens + tokens)
            newTokens.add(tokens)
            cachedTokens.add(crossing.usage?.input.cachedTokenCount ?? 0)
        }
        sentBytes.add(sent)
        newBytes.add(new)
        prefixBytes.add(trace.prefixBytes)
        if new > 0 { amplification.record(Double(sent) / Double(new)) }
        if case .broken = trace.prefix { prefixBroken.increment(by: 1) }
    }
}

/// What turns asked of the store and of its cache.
struct StoreMetrics {
    private let read: any CounterHandler
    private let written: any CounterHandler
    private let loads: any RecorderHandler
    private let commits: any RecorderHandler
    private let results: WordTable<CommitWord, any CounterHandler>
    private let levels: WordTable<DurabilityWord, any CounterHandler>
    private let lookups: WordTable<CacheWord, any CounterHandler>
    private let size: any RecorderHandler

    init(_ factory: any MetricsFactory, backend: String) {
        read = factory.counter(.storeBytes, ["backend": backend, "direction": "read"])
        written = factory.counter(.storeBytes, ["backend": backend, "direction": "write"])
        loads = factory.recorder(.storeRoundTrips, ["op": "load"])
        commits = factory.recorder(.storeRoundTrips, ["op": "commit"])
        results = WordTable { factory.counter(.commit, ["result": $0.rawValue]) }
        levels = WordTable { factory.counter(.durability, ["level": $0.rawValue]) }
        lookups = WordTable { factory.counter(.cacheRequests, ["result": $0.rawValue]) }
        size = factory.recorder(.sessionSize)
    }

    func record(_ turn: EndedTurn) {
        read.add(turn.trace.storeBytesRead)
        written.add(turn.trace.storeBytesWritten)
        if turn.trace.storeRoundTrips > turn.commitRoundTrips {
            loads.record(Int64(turn.trace.storeRoundTrips - turn.commitRoundTrips))
        }
        if turn.commitRoundTrips > 0 { commits.record(Int64(turn.commitRoundTrips)) }
        if let word = turn.commitWord { results[word].increment(by: 1) }
        lookups[CacheWord(turn.trace.cacheOutcome)].increment(by: 1)
        guard let level = turn.durabilityWord else { return }
        levels[level].increment(by: 1)
        size.record(Int64(turn.viewBytes))
    }
}
