internal import Measurement

/// The printed result of a replay: the report of all comparisons, and the hit ratio.
struct HitsReport: Encodable {
    let report: Report
    /// Hits per request, from 0 to 1.
    let hitRatio: Double
    let requests: Int
    let keys: Int
    let capacity: Int
    let threads: Int

    private enum CodingKeys: String, CodingKey {
        case requests, keys, capacity, threads, policy
        case hitRatio = "hit_ratio"
    }

    /// Encodes one object with the members of a report and the hit ratio.
    func encode(to encoder: any Encoder) throws {
        try report.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(hitRatio, forKey: .hitRatio)
        try container.encode(requests, forKey: .requests)
        try container.encode(keys, forKey: .keys)
        try container.encode(capacity, forKey: .capacity)
        try container.encode(threads, forKey: .threads)
        try container.encode("S3-FIFO", forKey: .policy)
    }

    /// The report as a table of Markdown.
    var table: String {
        let about = "\(requests) requests of \(keys) keys, \(capacity) entries"
        return ([about, "", report.table, ""] + report.machine.lines).joined(separator: "\n")
    }
}
