internal import Stateline

/// What turns cost, by how long their session's history was when they began.
///
/// A bucket has the histories from a power of two to the next one, in tokens; the first one has the empty ones. Adding a
/// turn allocates nothing once its bucket is there, and there are never more than 64.
struct HistoryProfile: Sendable {
    /// The turns with histories of about one length.
    struct Bucket: Sendable {
        var turns = 0
        var cost = StepCost()
        /// What a baseline did for the same turns.
        var baselineWritten = 0
        var baselineRead = 0
    }

    private(set) var buckets: [Bucket] = []

    /// The shortest history of a bucket, in tokens.
    static func shortest(of bucket: Int) -> Int { bucket == 0 ? 0 : 1 << (bucket - 1) }

    mutating func add(_ cost: StepCost) {
        let bucket = place(of: cost.historyTokens)
        buckets[bucket].turns += 1
        buckets[bucket].cost += cost
    }

    mutating func add(_ cost: BaselineCost, historyTokens: Int) {
        let bucket = place(of: historyTokens)
        buckets[bucket].baselineWritten += cost.written
        buckets[bucket].baselineRead += cost.read
    }

    mutating func add(_ other: HistoryProfile) {
        grow(to: other.buckets.count)
        for (bucket, theirs) in other.buckets.enumerated() {
            buckets[bucket].turns += theirs.turns
            buckets[bucket].cost += theirs.cost
            buckets[bucket].baselineWritten += theirs.baselineWritten
            buckets[bucket].baselineRead += theirs.baselineRead
        }
    }

    private mutating func place(of tokens: Int) -> Int {
        let bucket = Int.bitWidth - max(0, tokens).leadingZeroBitCount
        grow(to: bucket + 1)
        return bucket
    }

    private mutating func grow(to count: Int) {
        while buckets.count < count { buckets.append(Bucket()) }
    }
}
