internal import Synchronization

/// The stages of a turn.
///
/// They follow one another without a gap, so that they sum to the turn. A stage that a turn does not have takes no time:
/// a handle that remembers its session waits for no load.
public enum Stage: Int, CaseIterable, Hashable, Sendable {
    /// Waiting for another turn of the session.
    case queueWait
    /// Looking for the session's snapshot in this process.
    case cacheLookup
    /// Waiting for the store to load what is missing.
    case storeLoad
    /// Reading what was loaded.
    case decode
    /// Building requests from the session.
    case project
    /// Connecting to models.
    case connect
    /// Sending requests.
    case send
    /// Waiting for the first bytes of answers.
    case firstByte
    /// Waiting for the rest of answers, and for their reader.
    case stream
    /// Running tools.
    case tools
    /// Making entries of answers.
    case fold
    /// Encoding the batch to commit.
    case encode
    /// Waiting for the store to commit.
    case storeCommit
}

/// Measures the stages of one turn.
///
/// A stage's time runs from the lap before it to its own lap: each is measured between two readings of the clock, none
/// is what was left over. The turn's total has a pair of readings of its own.
///
/// - Complexity: a lap is one reading of the clock and one uncontended lock, and allocates nothing.
public final class Stopwatch: Sendable {
    private struct State {
        var times = StageTimes()
        var last: Duration
    }

    private let now: @Sendable () -> Duration
    private let started: Duration
    private let state: Mutex<State>

    /// Starts a stopwatch.
    ///
    /// - Parameter now: The time since any fixed moment; never goes back.
    public init(now: @escaping @Sendable () -> Duration) {
        self.now = now
        self.started = now()
        self.state = Mutex(State(last: now()))
    }

    /// Starts a stopwatch for a turn that began a moment ago.
    ///
    /// - Parameters:
    ///   - now: The time since any fixed moment; never goes back.
    ///   - start: When the turn began, by the same time.
    ///   - times: What was done for the turn before.
    init(now: @escaping @Sendable () -> Duration, since start: Duration, carrying times: StageTimes) {
        self.now = now
        self.started = start - times.sum
        self.state = Mutex(State(times: times, last: start))
    }

    /// Ends a stage: the time since the previous lap is added to it.
    ///
    /// - Returns: The time since the stopwatch was started.
    @discardableResult
    public func lap(_ stage: Stage) -> Duration {
        state.withLock { state in
            let time = now()
            state.times[stage] += time - state.last
            state.last = time
            return time - started
        }
    }

    /// Ends a stage in which the store was asked: loading and decoding are billed to their own stages, the rest of the time
    /// since the previous lap to `stage`.
    func lap(_ stage: Stage, apartFrom cost: StoreCost) {
        state.withLock { state in
            let time = now()
            state.times[.storeLoad] += cost.load
            state.times[.decode] += cost.decode
            state.times[stage] += time - state.last - cost.load - cost.decode
            state.last = time
        }
    }

    /// The time since the stopwatch was started.
    public var elapsed: Duration { now() - started }

    /// The stages' times so far.
    public var times: StageTimes { state.withLock { $0.times } }
}

/// A time for each stage; held inline.
public struct StageTimes: Sendable {
    private var times = [13 of Duration](repeating: .zero)

    /// Makes times of zero.
    public init() {}

    /// The time of a stage.
    public subscript(stage: Stage) -> Duration {
        get { times[stage.rawValue] }
        set { times[stage.rawValue] = newValue }
    }

    /// The times of opening a session.
    init(opening cost: StoreCost) {
        self[.cacheLookup] = cost.lookup
        self[.storeLoad] = cost.load
        self[.decode] = cost.decode
    }

    /// The sum of all stages.
    public var sum: Duration { Stage.allCases.reduce(.zero) { $0 + self[$1] } }
}
