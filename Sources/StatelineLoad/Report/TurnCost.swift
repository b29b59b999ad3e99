internal import Stateline

/// The cost of a turn beside the model's time.
struct TurnCost: Sendable {
    var traffic = LoadReport.Traffic()
    /// The tokens of the session's view before the turn.
    var historyTokens = 0
    /// The time of each stage.
    var stages = StageTimes()
    /// The time of the turn without the model's and the tools'.
    var overhead = Duration.zero
    /// The time of the turn.
    var total = Duration.zero

    init() {}

    /// Reads the cost of a turn from its trace.
    ///
    /// - Parameters:
    ///   - trace: The turn's trace.
    ///   - common: The tokens that the first request has in common with the one before, by a trace of sessions.
    init(_ trace: TurnTrace, tracedCommonTokens common: Int?) {
        traffic = LoadReport.Traffic(trace, tracedCommonTokens: common)
        stages = trace.stages
        // Time that no stage has counts as overhead too.
        overhead = max(.zero, trace.total - trace.model - trace[.tools])
        total = trace.total
    }
}
