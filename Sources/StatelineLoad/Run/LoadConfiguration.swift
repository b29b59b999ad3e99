public import Stateline

/// How a load is run.
public struct LoadConfiguration: Sendable {
    /// How long the model takes.
    public enum ModelTime: Hashable, Sendable {
        /// As long as the plan says.
        case planned
        /// Always the same; not scaled by the speed.
        case fixed(Duration)
    }

    /// The sessions, when they arrive, and the seed.
    public var parameters: Workload.Parameters
    /// How long the model takes.
    public var modelTime = ModelTime.planned
    /// Whether each worker begins a turn as soon as its last one has ended, instead of when the plan says so: slow answers
    /// then lessen the load, and the latencies are too good.
    public var isClosed = false
    /// How many sessions run side by side in a closed loop, and among how many histograms they are divided in an open one.
    public var workers: Int
    /// What keeps whole states beside the store, in the same run.
    public var baseline: (any StateCells)?
    /// Whether each turn is followed by one round trip of the store of record that finds nothing new, beside the auditor
    /// and the counters: what no store of that kind can do without.
    public var measuresRoundTrips = false
    /// Whether it is counted what a client without a store would have sent for the same turns: all of each request.
    public var countsStateless = false
    /// How many sessions there are at every moment; `nil` for as many as have arrived and not ended.
    ///
    /// They are made before the run begins, in the middle of their lives: at a moment that is as likely as any other of all
    /// the time that the workload's sessions last. Where one ends, another begins. So turns come at the rate at which so
    /// many sessions make them, from the run's beginning to its end: its duration must be set. Arrivals are left out.
    public var live: Int?
    /// How many tokens of history such a session begins with at most, its newest; `nil` for all that it would have by then.
    public var liveHistory: Int?
    /// Whether processors are kept from sleeping between turns, by threads of the lowest priority: what it takes to wake one,
    /// tens of microseconds on a virtual machine, is then no part of the latencies.
    public var keepsAwake = false
    /// Who is told of each turn, as it begins and at its end.
    public var observers: [any TurnObserver] = []
    /// How long the run goes before its latencies count; what is sent, stored and audited counts from its beginning.
    public var warmUp = Duration.zero
    /// Whether sessions are deleted at the end.
    public var deletes = false
    /// Lets the time of a model's call pass.
    var work: @Sendable (Duration) async throws -> Void = { time in
        if time > .zero { try await Task.sleep(for: time) }
    }

    /// Makes a configuration.
    public init(_ parameters: Workload.Parameters, workers: Int = 16) {
        precondition(workers > 0, "a load has a worker")
        self.parameters = parameters
        self.workers = workers
    }

    /// `true` if the run measures a baseline.
    func measures(_ kind: LoadReport.Baseline.Kind) -> Bool {
        switch kind {
        case .wholeState: baseline != nil
        case .raw: measuresRoundTrips
        case .stateless: countsStateless
        }
    }

    /// How long the model takes in a turn.
    func modelTime(of turn: PlannedTurn) -> Duration {
        switch modelTime {
        case .planned: turn.modelTime / parameters.speed
        case .fixed(let time): time
        }
    }
}
