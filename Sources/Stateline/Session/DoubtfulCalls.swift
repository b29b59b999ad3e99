/// Calls of which nobody knows whether the ledger shows them: the batch that was to hold them had an unknown outcome.
///
/// Every batch of the turn holds all of these calls, and one is appended only by whoever has seen all batches before it.
/// So each call is recorded once, whether the first one got in or not: two for the same place exclude each other, and
/// the one that comes too late learns what has its place.
struct DoubtfulCalls: Sendable {
    /// The turn whose batch holds the calls, if any does.
    let turn: TurnID
    /// The session as it was before such a batch; it is not in the log up to there.
    var base: Snapshot
    /// The calls, in the order in which they were made.
    let crossings: [Crossing]
}
