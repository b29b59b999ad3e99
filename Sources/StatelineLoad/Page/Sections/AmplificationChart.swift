internal import Foundation

extension Chart {
    /// Draws the number of sessions by replay amplification.
    static func amplification(name: String, _ shares: [AmplificationCounts.Share]) -> Chart? {
        // Buckets are quarters of a doubling; empty buckets between the others are drawn too.
        let places = shares.map { max(0, min(256, log2(max(1, $0.from)) * 4)).rounded() }
        guard let first = places.min(), let last = places.max() else { return nil }
        let bars = (Int(first)...Int(last))
            .map { bucket in
                let from = exp2(Double(bucket) / 4)
                let sessions = zip(shares, places).filter { $1 == Double(bucket) }
                    .reduce(0.0) { $0 + Double($1.0.sessions) }
                return BarDrawing.Bar(label: bucket % 4 == 0 ? Amount.number(from) : "", parts: [max(0, sessions)])
            }
        let most = bars.map(\.sum).max() ?? 0
        return Chart(
            name: name,
            title: "Replay amplification of sessions",
            summary:
                "Number of sessions by the tokens that they sent for each new token, because a stateless call needs "
                + "the whole history.",
            keys: [],
            table: Table(
                columns: [.words("amplification from"), .words("to"), .number("sessions")],
                rows: shares.map { [Amount.factor($0.from), Amount.factor($0.to), Amount.grouped($0.sessions)] }
            ),
            drawing: BarDrawing(
                bars: bars,
                title: "Tokens sent for each new one, from",
                y: { ticks in
                    Axis(
                        scale: Scale(
                            .linear,
                            over: 0...max(1, most),
                            limit: most < Double(ticks) ? max(2, Int(most) + 1) : ticks
                        ),
                        title: "Sessions",
                        label: Amount.number
                    )
                },
                isContinuous: true
            )
        )
    }
}
