#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What a run of comparisons found, as it is printed.
package struct Report: Encodable, Sendable {
    /// One figure of ours beside one of a peer's.
    package struct Case: Encodable, Sendable {
        /// What was measured.
        package let name: String
        /// What it was measured against.
        package let peer: String
        /// Our figure.
        package let ours: Double
        /// The peer's figure.
        package let theirs: Double
        /// The unit of both.
        package let unit: String
        /// Ours to theirs, or theirs to ours: the topic says which.
        package let ratio: Ratio
        /// The bound of the ratio; `nil` where it is only reported.
        package let target: Bound?
        /// The bound that is wished for, and not required; it is printed and not checked.
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

        /// Whether the ratio keeps its target; what has none does.
        package var isWithinTarget: Bool { isWithinTarget(leniency: 1) }

        /// Whether the ratio keeps a part of its target; what has none does.
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

    /// How far a ratio may go.
    package enum Bound: Hashable, Sendable {
        /// The ratio itself is at most this: for what is better the smaller it is.
        case atMost(Double)
        /// The lower end of the ratio's interval is at least this: for what is better the larger it is.
        case atLeast(Double)
        /// The ratio differs from 1 by this at most, either way: for what is only to change on purpose.
        case near(Double)

        /// The bound's number.
        package var value: Double {
            switch self {
            case .atMost(let value), .atLeast(let value): value
            case .near(let share): 1 + share
            }
        }

        /// Whether a ratio keeps the bound, or that part of it.
        package func admits(_ ratio: Ratio, leniency: Double = 1) -> Bool {
            switch self {
            case .atMost(let value): ratio.value <= value / leniency
            case .atLeast(let value): ratio.low >= value * leniency
            case .near(let share): abs(ratio.value - 1) <= share / leniency
            }
        }

        /// The bound as the table has it.
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
    /// What is to be printed with `--json`: one line.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension Double {
    /// This number with a few decimal places.
    fileprivate func rounded(to places: Int) -> String {
        let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
        return "\((self * scale).rounded() / scale)"
    }
}
