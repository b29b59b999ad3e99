internal import Foundation

/// What `Benchmarks/compare TOPIC --json` prints.
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
            // The keys as they are after the decoder has taken the underscores out of them.
            case low = "ciLow"
            case high = "ciHigh"
        }
    }

    let cases: [Case]
    let machine: [String: JSONValue]
    let load: Double

    /// The most load that a verdict is given at; `Benchmarks/compare` has the same.
    static let mostLoad = 3.0

    /// Whether the machine did so much else that the figures decide nothing.
    var isVoid: Bool { load > Self.mostLoad }
}

extension ComparisonDocument.Case {
    /// In plain words: which side is better, and by how much; or that nothing can be said.
    var verdict: String {
        guard low <= ratio, ratio <= high, low > 0 else { return "no verdict: no interval" }
        guard low > 1 || high < 1 else { return ours == theirs ? "the same" : "no verdict" }
        guard ours > 0, theirs > 0 else { return "no verdict" }
        // Some topics print ours to theirs, others theirs to ours: the figures say which. The interval says how sure it is.
        let isInverse = abs(log(ratio * ours / theirs)) < abs(log(ratio * theirs / ours))
        let times = isInverse ? ratio : 1 / ratio
        let isBetter = isMoreBetter ? times < 1 : times > 1
        let factor = Amount.factor(max(times, 1 / times))
        return isBetter ? "ours, \(factor)" : "theirs, \(factor)"
    }

    /// Whether a figure is better the larger it is: a rate, or a share of hits.
    private var isMoreBetter: Bool {
        unit.contains("a second") || unit.hasSuffix("/s") || unit.contains("hits") || unit.contains("per second")
    }
}
