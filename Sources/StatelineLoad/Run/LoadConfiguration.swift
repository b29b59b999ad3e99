public import Stateline

/// The configuration of a load.
public struct LoadConfiguration: Sendable {
    /// The model's time.
    public enum ModelTime: Hashable, Sendable {
        /// The planned time.
        case planned
        /// A fixed time, not scaled by the speed.
        case fixed(Duration)
    }

    /// The sessions, their arrivals, and the seed.
    public var parameters: Workload.Parameters
    /// The model's time.
    public var modelTime = ModelTime.planned
    /// `true` for a closed loop: each worker begins a turn as soon as its last one ends.
    ///
    /// Slow answers then reduce the load, and the latencies are too low.
    public var isClosed = false
    /// The number of concurrent sessions of a closed loop, and the number of histograms of an open one.
    public var workers: Int
    /// The cells of the whole-state baseline; `nil` to leave it out.
    public var baseline: (any StateCells)?
    /// `true` for the raw baseline: each turn is followed by one round trip of the store of record that finds nothing
    /// new, without the auditor and the counters.
    public var measuresRoundTrips = false
    /// `true` for the stateless baseline: the bytes that a client without a store would send for the same turns are
    /// counted.
    public var countsStateless = false
    /// The number of sessions to keep live at all times; `nil` for sessions that arrive and end.
    ///
    /// The sessions are made before the run, in the middle of their lives: at a moment drawn evenly from the time of
    /// all sessions of the workload. A finished session is replaced. So turns come at the rate of that many sessions
    /// from the beginning of the run to its end. The duration must be set, and arrivals are ignored.
    public var live: Int?
    /// The maximum history, in tokens, that a live session starts with, of which the newest are kept; `nil` for all of
    /// it.
    public var liveHistory: Int?
    /// `true` to keep processors awake between turns, by threads of the lowest priority.
    ///
    /// The time to wake one, tens of microseconds on a virtual machine, is then not part of the latencies.
    public var keepsAwake = false
    /// The observers of turns.
    public var observers: [any TurnObserver] = []
    /// The time before latencies count.
    ///
    /// Traffic and the audit count from the beginning.
    public var warmUp = Duration.zero
    /// `true` to delete the sessions at the end.
    public var deletes = false
    /// Waits for the time of a model call.
    var work: @Sendable (Duration) async throws -> Void = { time in
        if time > .zero { try await Task.sleep(for: time) }
    }

    /// Makes a configuration.
    public init(_ parameters: Workload.Parameters, workers: Int = 16) {
        precondition(workers > 0, "a load needs at least one worker")
        self.parameters = parameters
        self.workers = workers
    }

    /// Returns `true` if the run measures a baseline.
    func measures(_ kind: LoadReport.Baseline.Kind) -> Bool {
        switch kind {
        case .wholeState: baseline != nil
        case .raw: measuresRoundTrips
        case .stateless: countsStateless
        }
    }

    /// Returns the model's time in a turn.
    func modelTime(of turn: PlannedTurn) -> Duration {
        switch modelTime {
        case .planned: turn.modelTime / parameters.speed
        case .fixed(let time): time
        }
    }
}
