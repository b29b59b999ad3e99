internal import Stateline

/// The figures of a turn in one line.
struct BoundaryLine {
    /// The line.
    let text: String

    init(_ response: Response<String>, of head: Head) {
        let trace = response.trace
        var parts = [
            "sent again \(Figures.bytes(trace.sentAgainBytes)) + new \(Figures.bytes(trace.newBytes))",
            "amplification \(Figures.factor(head.amplification))",
            Figures.count(trace.storeRoundTrips, "store round trip"),
            "model \(Figures.time(trace.model)) + overhead \(Figures.time(trace.overhead))",
        ]
        if let usage = response.usage {
            let again = trace.sentAgainTokens.map { " (\($0) again)" } ?? ""
            parts.append("tokens \(usage.input.totalTokenCount) in\(again) + \(usage.output.totalTokenCount) out")
        }
        parts.append("revision \(response.revision)")
        text = parts.joined(separator: ", ")
    }
}
