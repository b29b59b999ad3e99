internal import Stateline

/// What a step sent, and what it cost beside the model.
struct StepCost: Sendable {
    /// Calls of the model.
    var calls = 0
    var sentTokens = 0
    var newTokens = 0
    /// New tokens where what is common is counted in whole blocks.
    var newBlockTokens = 0
    var sentBytes = 0
    var newBytes = 0
    /// What the session's view held before, in tokens.
    var historyTokens = 0
    /// Bytes of batches to and from the store, and how often it was asked, for the turns themselves.
    var storeBytesWritten = 0
    var storeBytesRead = 0
    var storeRoundTrips = 0
    /// The time of each stage.
    var stages = StageTimes()
    /// Time in neither model nor tools, and all of the turn.
    var overhead = Duration.zero
    var total = Duration.zero

    init() {}

    /// What a turn's trace tells of the calls that crossed.
    ///
    /// - Parameters:
    ///   - trace: The turn's.
    ///   - common: What a trace of sessions says that the first request has in common with the one before.
    init(_ trace: TurnTrace, tracedCommonTokens common: Int?) {
        for (index, crossing) in trace.crossings.enumerated() {
            let again = crossing.sentAgainTokens ?? 0
            let sent = again + (crossing.newTokens ?? 0)
            calls += 1
            sentTokens += sent
            newTokens += sent - again
            newBlockTokens += sent - ((index == 0 ? common : nil) ?? again.wholeBlocks)
            sentBytes += crossing.requestBytes
            newBytes += crossing.newBytes
        }
        storeBytesWritten = trace.storeBytesWritten
        storeBytesRead = trace.storeBytesRead
        storeRoundTrips = trace.storeRoundTrips
        stages = trace.stages
        // What no stage has is ours too.
        overhead = max(.zero, trace.total - trace.model - trace[.tools])
        total = trace.total
    }

    static func += (sum: inout StepCost, cost: StepCost) {
        sum.calls += cost.calls
        sum.sentTokens += cost.sentTokens
        sum.newTokens += cost.newTokens
        sum.newBlockTokens += cost.newBlockTokens
        sum.sentBytes += cost.sentBytes
        sum.newBytes += cost.newBytes
        sum.historyTokens += cost.historyTokens
        sum.storeBytesWritten += cost.storeBytesWritten
        sum.storeBytesRead += cost.storeBytesRead
        sum.storeRoundTrips += cost.storeRoundTrips
        for stage in Stage.allCases { sum.stages[stage] += cost.stages[stage] }
        sum.overhead += cost.overhead
        sum.total += cost.total
    }
}

extension Int {
    /// Tokens without those of a block that is not whole.
    var wholeBlocks: Int { self - self % Corpus.blockTokens }
}
