#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The printed results of a run of comparisons.
package struct Report: Encodable, Sendable {
    /// One figure of ours beside one of a peer's.
    package struct Case: Encodable, Sendable {
        /// The name of the case.
        package let name: String
        /// The name of the peer.
        package let peer: String
        /// Our figure.
        package let ours: Double
        /// The peer's figure.
        package let theirs: Double
        /// The unit of both.
        package let unit: String
        /// Ours to theirs, or theirs to ours, depending on the topic.
        package let ratio: Ratio
        /// The bound of the ratio; `nil` if the ratio is only reported.
        package let target: Bound?
        /// An aim for the ratio, which is printed and not checked.
        package let aim: Bound?

        /// Makes a case.
        package init(
            name: String,
            peer: String,
            ours: Double,
            theirs: Double,
            unit: String,
            ratio: Ratio,
            target: Bound? = nil,
            aim: Bound? = nil
        ) {
            self.name = name
            self.peer = peer
            self.ours = ours
            self.theirs = theirs
            self.unit = unit
            self.ratio = ratio
            self.target = target
            self.aim = aim
        }

        /// `true` if the ratio meets its target, or has none.
        package var isWithinTarget: Bool { isWithinTarget(leniency: 1) }

        /// Returns `true` if the ratio meets a part of its target, or has none.
        package func isWithinTarget(leniency: Double) -> Bool { target?.admits(ratio, leniency: leniency) ?? true }

        private enum CodingKeys: String, CodingKey {
            case name = "case"
            case peer, ours, theirs, unit, ratio, target
            case low = "ci_low"
            case high = "ci_high"
        }

        /// Writes the case as one flat object; an absent target is `null`.
        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(peer, forKey: .peer)
            try container.encode(ours, forKey: .ours)
            try container.encode(theirs, forKey: .theirs)
            try container.encode(unit, forKey: .unit)
            try container.encode(ratio.value, forKey: .ratio)
            try container.encode(ratio.low, forKey: .low)
            try container.encode(ratio.high, forKey: .high)
            try container.encode(target?.value, forKey: .target)
        }
    }

    /// A bound of a ratio.
    package enum Bound: Hashable, Sendable {
        /// The ratio is at most this, if smaller is better.
        case atMost(Double)
        /// The lower end of the ratio's interval is at least this, if larger is better.
        case atLeast(Double)
        /// The ratio differs from 1 by at most this, for figures that may only change on purpose.
        case near(Double)

        /// The bound's number.
        package var value: Double {
            switch self {
            case .atMost(let value), .atLeast(let value): value
            case .near(let share): 1 + share
            }
        }

        /// Returns `true` if a ratio meets the bound, relaxed by the leniency.
        ///
        /// A bound of counts is not relaxed.
        package func admits(_ ratio: Ratio, leniency: Double = 1) -> Bool {
            switch self {
            case .atMost(let value): ratio.value <= value / leniency
            case .atLeast(let value): ratio.low >= value * leniency
            case .near(let share): abs(ratio.value - 1) <= share
            }
        }

        /// The bound in the table's notation.
        fileprivate var text: String {
            switch self {
            case .atMost(let value): "<= \(value.rounded(to: 3))"
            case .atLeast(let value): ">= \(value.rounded(to: 3))"
            case .near(let share): "1 +- \(share.rounded(to: 3))"
            }
        }
    }

    /// The figures.
    package let cases: [Case]
    /// The machine they were measured on.
    package internal(set) var machine: Machine
    /// The machine's load over the minute before the report.
    package let load: Double

    /// Makes the report of some cases, on this machine, now.
    package init(_ cases: [Case]) {
        self.cases = cases
        self.machine = .current
        self.load = Machine.load
    }

    /// The report as a table of Markdown.
    package var table: String {
        var lines = [
            "| case | peer | ours | theirs | unit | ratio | 95 % interval | target |",
            "|---|---|--:|--:|---|--:|--:|--:|",
        ]
        for item in cases {
            let interval = "\(item.ratio.low.rounded(to: 3)) ... \(item.ratio.high.rounded(to: 3))"
            let missed = item.isWithinTarget ? "" : " **missed**"
            let aim = item.aim.map { " (aim \($0.text)\($0.admits(item.ratio) ? "" : ", not reached"))" } ?? ""
            let target = (item.target.map { $0.text + missed } ?? "") + aim
            lines.append(
                "| \(item.name) | \(item.peer) | \(item.ours.rounded(to: 2)) | \(item.theirs.rounded(to: 2)) | \(item.unit) "
                    + "| \(item.ratio.value.rounded(to: 3)) | \(interval) | \(target) |"
            )
        }
        return lines.joined(separator: "\n")
    }
}

extension Encodable {
    /// Encodes the report as one line of JSON.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension Double {
    /// Returns this number with a few decimal places.
    fileprivate func rounded(to places: Int) -> String {
        let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
        return "\((self * scale).rounded() / scale)"
    }
}
