internal import Foundation

/// How many sessions sent how much more than what was new, in buckets of which four double it.
struct AmplificationCounts: Sendable {
    /// How many sessions each bucket has; the last one has whatever is beyond 2 to the 16th, too.
    private(set) var counts = [Int](repeating: 0, count: 65)

    /// The least amplification of a bucket.
    static func least(of bucket: Int) -> Double { exp2(Double(bucket) / 4) }

    /// Adds a session; one that sent nothing new counts for none.
    mutating func add(sentTokens: Int, newTokens: Int) {
        guard newTokens > 0 else { return }
        let ratio = max(1, Double(sentTokens) / Double(newTokens))
        counts[min(counts.count - 1, Int(log2(ratio) * 4))] += 1
    }

    mutating func add(_ other: AmplificationCounts) {
        for (bucket, count) in other.counts.enumerated() { counts[bucket] += count }
    }
}
