internal import Foundation
internal import Measurement

/// What a replay found, as it is printed: the shape of all comparisons, with the hit ratio itself beside it.
struct HitsReport: Encodable {
    let cases: [Report.Case]
    let hitRatio: Double
    let requests: Int
    let keys: Int
    let capacity: Int
    let threads: Int
    let policy = "S3-FIFO"
    let machine = Machine.current
    let load = Machine.load

    init(cases: [Report.Case], hitRatio: Double, requests: Int, keys: Int, capacity: Int, threads: Int) {
        self.cases = cases
        self.hitRatio = hitRatio
        self.requests = requests
        self.keys = keys
        self.capacity = capacity
        self.threads = threads
    }

    private enum CodingKeys: String, CodingKey {
        case cases, requests, keys, capacity, threads, policy, machine, load
        case hitRatio = "hit_ratio"
    }

    /// The cases whose interval begins below their target.
    var missed: [Report.Case] { cases.filter { !$0.isWithinTarget } }

    /// The report as one line of JSON.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// The report as a table of Markdown.
    var table: String {
        var lines = [
            "\(requests) requests of \(keys) keys, \(capacity) entries: \(Self.percent(hitRatio)) hits",
            "",
            "| case | peer | ours | theirs | ratio | interval | target |",
            "|---|---|--:|--:|--:|--:|--:|",
        ]
        for item in cases {
            let interval = "\(Self.decimal(item.ratio.low)) ... \(Self.decimal(item.ratio.high))"
            let target = item.target.map { ">= \(Self.decimal($0.value))" } ?? ""
            lines.append(
                "| \(item.name) | \(item.peer) | \(Self.percent(item.ours)) | \(Self.percent(item.theirs)) "
                    + "| \(Self.decimal(item.ratio.value)) | \(interval) | \(target) |"
            )
        }
        return lines.joined(separator: "\n")
    }

    private static func percent(_ ratio: Double) -> String { String(format: "%.2f %%", ratio * 100) }

    private static func decimal(_ number: Double) -> String { String(format: "%.4f", number) }
}
