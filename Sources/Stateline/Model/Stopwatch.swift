internal import Synchronization

/// A stopwatch for the stages of one turn.
///
/// A stage's time runs from the lap before it to its own lap: it is measured between two readings of the clock, not
/// computed from the others. The turn's total has a pair of readings of its own.
/// Only the turn, and the model within a call, lap: stores and caches return the times that they took.
///
/// - Complexity: A lap is one reading of the clock and one uncontended lock, and allocates nothing.
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
    /// - Parameter now: The time since any fixed moment; it is monotonic.
    public init(now: @escaping @Sendable () -> Duration) {
        self.now = now
        self.started = now()
        self.state = Mutex(State(last: now()))
    }

    /// Starts a stopwatch for a turn that began a moment ago.
    ///
    /// - Parameters:
    ///   - now: The time since any fixed moment; it is monotonic.
    ///   - start: The beginning of the turn, by the same time.
    ///   - times: The times of work that was done for the turn before.
    init(now: @escaping @Sendable () -> Duration, since start: Duration, carrying times: StageTimes) {
        self.now = now
        self.started = start - times.sum
        self.state = Mutex(State(times: times, last: start))
    }

    /// Ends a stage, and adds the time since the previous lap to it.
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

    /// Ends a stage, of which a part belongs to other stages.
    ///
    /// - Parameters:
    ///   - stage: The stage.
    ///   - times: The times of the other stages since the previous lap.
    func lap(_ stage: Stage, apartFrom times: StageTimes) {
        state.withLock { state in
            let time = now()
            state.times += times
            state.times[stage] += time - state.last - times.sum
            state.last = time
        }
    }

    /// The time since the stopwatch was started.
    public var elapsed: Duration { now() - started }

    /// The stages' times so far.
    public var times: StageTimes { state.withLock { $0.times } }
}
