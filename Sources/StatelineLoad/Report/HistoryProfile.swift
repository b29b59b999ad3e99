internal import Stateline

/// The cost of turns by the length of their session's history when they began.
///
/// A bucket has the histories from a power of two to the next one, in tokens; the first bucket has the empty ones. Adding
/// a turn allocates nothing once its bucket exists, and there are at most 64 buckets.
struct HistoryProfile: Sendable {
    /// The turns with histories of about one length.
    struct Bucket: Codable, Sendable {
        /// The shortest history of the bucket.
        let fromTokens: Int
        var turns = 0
        var traffic = LoadReport.Traffic()
        /// The time of the turns, in microseconds.
        var totalUs = 0.0
        var stages = StageSums()
        /// Bytes that the baseline of whole states wrote for the same turns.
        var baselineBytesWritten = 0
        /// Bytes that the baseline of whole states read for the same turns.
        var baselineBytesRead = 0

        init(fromTokens: Int) {
            self.fromTokens = fromTokens
        }
    }

    private(set) var buckets: [Bucket] = []

    mutating func add(_ cost: TurnCost) {
        let bucket = index(of: cost.historyTokens)
        buckets[bucket].turns += 1
        buckets[bucket].traffic += cost.traffic
        buckets[bucket].totalUs += Double(cost.total.nanoseconds) / 1000
        buckets[bucket].stages += cost.stages
    }

    mutating func add(_ cost: LoadReport.Baseline, historyTokens: Int) {
        let bucket = index(of: historyTokens)
        buckets[bucket].baselineBytesWritten += cost.bytesWritten
        buckets[bucket].baselineBytesRead += cost.bytesRead
    }

    mutating func add(_ other: HistoryProfile) {
        grow(to: other.buckets.count)
        for (bucket, theirs) in other.buckets.enumerated() {
            buckets[bucket].turns += theirs.turns
            buckets[bucket].traffic += theirs.traffic
            buckets[bucket].totalUs += theirs.totalUs
            buckets[bucket].stages += theirs.stages
            buckets[bucket].baselineBytesWritten += theirs.baselineBytesWritten
            buckets[bucket].baselineBytesRead += theirs.baselineBytesRead
        }
    }

    private mutating func index(of tokens: Int) -> Int {
        let bucket = Int.bitWidth - max(0, tokens).leadingZeroBitCount
        grow(to: bucket + 1)
        return bucket
    }

    private mutating func grow(to count: Int) {
        while buckets.count < count {
            buckets.append(Bucket(fromTokens: buckets.isEmpty ? 0 : 1 << (buckets.count - 1)))
        }
    }
}
