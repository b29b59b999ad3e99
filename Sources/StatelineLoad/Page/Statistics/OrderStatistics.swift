internal import Foundation

/// The ranks of two of *n* sorted samples that enclose a quantile of their distribution, whatever it is.
///
/// Each sample is below the quantile with a fixed probability, so the number of such samples is binomial. The ranks are
/// exact if samples are independent.
///
/// Source: G. J. Hahn, W. Q. Meeker, *Statistical Intervals*, 1991, section 5.2.
struct OrderStatistics: Hashable, Sendable {
    /// The rank of the lower end, from 1.
    let lower: Int
    /// The rank of the upper end.
    let upper: Int

    /// Finds the ranks; `nil` if there are too few samples for the confidence, or more than 10^9.
    ///
    /// - Parameters:
    ///   - quantile: Above 0, below 1.
    ///   - count: The number of samples.
    ///   - confidence: The minimum probability that the interval holds the quantile; either end misses it with at most
    ///     half of the rest.
    /// - Complexity: O(√*n*).
    init?(of quantile: Double, count: Int, confidence: Double) {
        guard (1...1_000_000_000).contains(count), quantile > 0, quantile < 1 else { return nil }
        let (first, sums) = Self.distribution(quantile, count)
        let miss = (1 - confidence) / 2
        // The probability below the lower rank, and above the upper one, is at most this.
        guard let below = sums.lastIndex(where: { $0 <= miss }), first + below + 1 >= 1,
            let above = sums.firstIndex(where: { $0 >= 1 - miss }), first + above + 1 <= count
        else { return nil }
        lower = first + below + 1
        upper = first + above + 1
    }

    /// Returns the sums of the binomial distribution around its mode, from the first value of noticeable weight.
    private static func distribution(_ share: Double, _ count: Int) -> (first: Int, sums: [Double]) {
        let mode = min(count, Int(Double(count + 1) * share))
        let odds = share / (1 - share)
        let least = 1e-18
        var (below, above): ([Double], [Double]) = ([], [])
        var weight = 1.0
        for value in stride(from: mode, to: 0, by: -1) {
            weight *= Double(value) / (Double(count - value + 1) * odds)
            if weight < least { break }
            below.append(weight)
        }
        weight = 1
        for value in mode..<count {
            weight *= Double(count - value) / Double(value + 1) * odds
            if weight < least { break }
            above.append(weight)
        }
        let weights = below.reversed() + [1] + above
        let total = weights.reduce(0, +)
        var sum = 0.0
        let sums = weights.map { weight in
            sum += weight / total
            return sum
        }
        return (mode - below.count, sums)
    }
}
