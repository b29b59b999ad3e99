internal import Foundation

/// The output of `Benchmarks/compare TOPIC --json`.
struct ComparisonDocument: Decodable, Sendable {
    struct Case: Decodable, Sendable {
        let name: String
        let peer: String
        let ours: Double
        let theirs: Double
        let unit: String
        let ratio: Double
        let low: Double
        let high: Double
        let target: Double?

        private enum CodingKeys: String, CodingKey {
            case name = "case"
            case peer, ours, theirs, unit, ratio, target
            // The keys after the decoder has removed their underscores.
            case low = "ciLow"
            case high = "ciHigh"
        }
    }

    let cases: [Case]
    let machine: [String: JSONValue]
    let load: Double

    /// The maximum load for a verdict, as in `Benchmarks/compare`.
    static let mostLoad = 3.0

    /// `true` if the machine was too busy for a verdict.
    var isVoid: Bool { load > Self.mostLoad }
}

extension ComparisonDocument.Case {
    /// The better side and the factor, or that there is no verdict.
    var verdict: String {
        guard low <= ratio, ratio <= high, low > 0 else { return "no verdict: no interval" }
        guard low > 1 || high < 1 else { return ours == theirs ? "the same" : "no verdict" }
        guard ours > 0, theirs > 0 else { return "no verdict" }
        // Some topics divide ours by theirs, others theirs by ours; the figures show which.
        let isInverse = abs(log(ratio * ours / theirs)) < abs(log(ratio * theirs / ours))
        let times = isInverse ? ratio : 1 / ratio
        let isBetter = isMoreBetter ? times < 1 : times > 1
        let factor = Amount.factor(max(times, 1 / times))
        return isBetter ? "ours, \(factor)" : "theirs, \(factor)"
    }

    /// `true` if larger figures are better: rates, and shares of hits.
    private var isMoreBetter: Bool {
        unit.contains("a second") || unit.hasSuffix("/s") || unit.contains("hits") || unit.contains("per second")
    }
}
