internal import Foundation

/// The number of sessions by replay amplification, in buckets of which four double it.
struct AmplificationCounts: Sendable {
    /// The sessions of a bucket.
    struct Share: Codable, Hashable, Sendable {
        /// The minimum amplification of the bucket.
        let from: Double
        /// The minimum amplification of the next bucket.
        let to: Double
        let sessions: Int
    }

    /// The number of sessions of each bucket; the last bucket has all amplifications from 2 to the 16th too.
    private var counts = [Int](repeating: 0, count: 65)

    /// The buckets that have sessions.
    var shares: [Share] {
        counts.enumerated()
            .compactMap { bucket, count in
                let (from, to) = (exp2(Double(bucket) / 4), exp2(Double(bucket + 1) / 4))
                return count > 0 ? Share(from: from, to: to, sessions: count) : nil
            }
    }

    /// Adds a session; a session that sent nothing new is left out.
    mutating func add(sentTokens: Int, newTokens: Int) {
        guard newTokens > 0 else { return }
        let ratio = max(1, Double(sentTokens) / Double(newTokens))
        counts[min(counts.count - 1, Int(log2(ratio) * 4))] += 1
    }

    mutating func add(_ other: AmplificationCounts) {
        for (bucket, count) in other.counts.enumerated() { counts[bucket] += count }
    }
}
