public import CoreMetrics
public import Stateline

/// Metrics of turns: the time of their stages, the bytes and tokens sent again, and the results of their commits.
///
/// ```swift
/// let exporter = PrometheusExporter()
/// let boundary = Boundary(store: MemoryStore(), observers: [TurnMetrics(factory: exporter)])
/// ```
///
/// The names are those of ``MetricDefinition/turns``. Labels have few values: constants of this library, the backend,
/// and providers and models. The first ``maximumRoutes`` of these are distinguished, the others are `_OTHER`. No label
/// ever holds a session, a tenant, or content.
///
/// - Complexity: O(*k*) in the number of a turn's calls. Each call takes one lock, to find the handlers of its route,
///   and a call that failed makes its timer anew, or has the factory find it; the other handlers were made before.
public struct TurnMetrics: TurnObserver {
    /// The number of pairs of provider and model that are distinguished.
    public static let maximumRoutes = 64

    private let turns: LabelTable<OutcomeLabel, any TimerHandler>
    private let stages: [(stage: Stage, timer: any TimerHandler)]
    private let overhead: any RecorderHandler
    private let storeTime: any FloatingPointCounterHandler
    private let modelTime: any FloatingPointCounterHandler
    private let replay: ReplayMetrics
    private let store: StoreMetrics
    private let routes: RouteMetrics
    private let repairs: RepairMetrics

    /// Makes the handlers.
    ///
    /// - Parameters:
    ///   - factory: The metrics backend.
    ///   - backend: The kind of the store, a constant such as `redis`, as a label.
    public init(factory: any MetricsFactory = MetricsSystem.factory, backend: String = "store") {
        turns = LabelTable { factory.timer(.turnDuration, ["outcome": $0.rawValue]) }
        stages = Stage.allCases.map { ($0, factory.timer(.stageDuration, ["stage": "\($0)"])) }
        overhead = factory.recorder(.overheadRatio)
        storeTime = factory.sum(.storeTime)
        modelTime = factory.sum(.modelTime)
        replay = ReplayMetrics(factory)
        store = StoreMetrics(factory, backend: backend)
        repairs = RepairMetrics(factory)
        routes = RouteMetrics(factory, limit: Self.maximumRoutes)
    }

    /// Counts a turn.
    public func turnEnded(_ turn: EndedTurn) {
        let total = turn.trace.total.inNanoseconds
        turns[turn.outcomeLabel].recordNanoseconds(total)
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
        if !turn.trace.repairs.isEmpty { repairs.record(turn.trace) }
        guard !turn.trace.crossings.isEmpty else { return }
        replay.record(turn.trace)
        for crossing in turn.trace.crossings { routes.record(crossing) }
    }
}
