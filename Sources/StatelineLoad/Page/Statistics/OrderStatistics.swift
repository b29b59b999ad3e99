internal import Foundation

/// Which of *n* sorted samples enclose a quantile of what they were drawn from, whatever its distribution.
///
/// Whether a sample is below the quantile is a toss of a coin, so how many are is binomial: the ranks are exact, and need
/// no assumption but that samples are independent of one another.
///
/// Source: G. J. Hahn, W. Q. Meeker, *Statistical Intervals*, 1991, section 5.2.
struct OrderStatistics: Hashable, Sendable {
    /// The rank of the lower end, from 1.
    let lower: Int
    /// The rank of the upper end.
    let upper: Int

    /// Finds the ranks; `nil` where so few samples enclose nothing with that confidence, and
    /// for more than 10^9, which nobody measures.
    ///
    /// - Parameters:
    ///   - quantile: Above 0, below 1.
    ///   - count: How many samples there are.
    ///   - confidence: How often the interval holds the quantile, at least; either end misses it at most half as often
    ///     as it may.
    /// - Complexity: O(√*n*).
    init?(of quantile: Double, count: Int, confidence: Double) {
        guard (1...1_000_000_000).contains(count), quantile > 0, quantile < 1 else { return nil }
        let (first, sums) = Self.distribution(quantile, count)
        let miss = (1 - confidence) / 2
        // At most this probability lies below the lower rank, and the rest up to before the upper one.
        guard let below = sums.lastIndex(where: { $0 <= miss }), first + below + 1 >= 1,
            let above = sums.firstIndex(where: { $0 >= 1 - miss }), first + above + 1 <= count
        else { return nil }
        lower = first + below + 1
        upper = first + above + 1
    }

    /// The binomial distribution's sums around its mode, from a value on that hardly ever occurs.
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
