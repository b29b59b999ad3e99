internal import Foundation
internal import Stateline

extension Chart {
    /// The stages of a turn in the state layer, in their order.
    private static let stages: [(name: String, times: @Sendable (StageSums) -> Double)] = [
        ("wait", { $0[.queueWait] }),
        ("look up", { $0[.cacheLookup] }),
        ("load", { $0[.storeLoad] + $0[.decode] }),
        ("project", { $0[.project] }),
        ("fold", { $0[.fold] + $0[.encode] }),
        ("commit", { $0[.storeCommit] }),
    ]

    /// Draws the time of a turn without the model and its tools, by stage, over the length of histories.
    static func stages(name: String, _ buckets: [HistoryProfile.Bucket]) -> Chart? {
        guard !buckets.isEmpty else { return nil }
        let bars = buckets.map { bucket in
            BarDrawing.Bar(
                label: Amount.tokens(bucket.fromTokens),
                parts: stages.map { $0.times(bucket.stages) / Double(max(1, bucket.turns)) }
            )
        }
        let rows = zip(buckets, bars)
            .map { bucket, bar in
                let model =
                    bucket.stages[.connect] + bucket.stages[.send] + bucket.stages[.firstByte] + bucket.stages[.stream]
                let turns = Double(max(1, bucket.turns))
                return [bar.label, Amount.grouped(bucket.turns)] + bar.parts.map { Amount.time($0) }
                    + [
                        Amount.time(model / turns), Amount.time(bucket.stages[.tools] / turns),
                        Amount.time(bucket.totalUs / turns),
                    ]
            }
        let highest = bars.map(\.sum).filter(\.isFinite).max() ?? 0
        return Chart(
            name: name,
            title: "Stages of a turn by history",
            summary: "Mean time of the state layer in a turn, by the tokens of the session's history. The model's and "
                + "the tools' times are in the figures only.",
            keys: stages.enumerated().map { Key(name: $1.name, colour: $0, shape: .box) },
            table: Table(
                columns: [.words("history from"), .number("turns")] + stages.map { .number($0.name) }
                    + [.number("model"), .number("tools"), .number("turn")],
                rows: rows
            ),
            drawing: BarDrawing(
                bars: bars,
                title: "Tokens of history, from",
                y: { ticks in
                    Axis(
                        scale: Scale(.linear, over: 0...max(highest, 1), limit: ticks),
                        title: "Mean time of a turn",
                        label: Amount.time
                    )
                }
            )
        )
    }

    /// Draws the bytes that a turn writes, with the log and with whole states, over the length of histories.
    static func bytes(name: String, _ buckets: [HistoryProfile.Bucket]) -> Chart? {
        let lines: [(name: String, colour: Int, isDashed: Bool, bytes: (HistoryProfile.Bucket) -> Double)] = [
            ("written by the log", 0, false, { Double($0.traffic.storeBytesWritten) }),
            ("written by the whole-state baseline", 1, false, { Double($0.baselineBytesWritten) }),
            ("sent to the model", 2, true, { Double($0.traffic.sentBytes) }),
            ("new in the request", 3, true, { Double($0.traffic.newBytes) }),
        ]
        let present = lines.filter { line in buckets.contains { line.bytes($0) > 0 } }
        let values = present.flatMap { line in buckets.map { $0.mean(line.bytes) } }.filter { $0 > 0 }
        guard let least = values.min(), let most = values.max() else { return nil }
        let labels = buckets.map { Amount.tokens($0.fromTokens) }
        return Chart(
            name: name,
            title: "Bytes of a turn by history",
            summary: "Mean bytes of a turn, by the tokens of the session's history. A log writes the new part only; a "
                + "whole state grows with the history.",
            keys: present.map { Key(name: $0.name, colour: $0.colour, shape: $0.isDashed ? .dashed : .line) },
            table: bytesTable(buckets, present.map { ($0.name, $0.bytes) }),
            drawing: LineDrawing(
                x: { _ in
                    Axis(
                        scale: Scale(0...Double(buckets.count), ticks: buckets.indices.map { Double($0) + 0.5 }),
                        title: "Tokens of history, from",
                        label: { labels[min(labels.count - 1, Int($0))] }
                    )
                },
                y: { ticks in
                    Axis(
                        scale: Scale(.logarithmic, over: least...most, limit: ticks),
                        title: "Mean bytes of a turn",
                        label: Amount.bytes
                    )
                },
                series: present.map { line in
                    LineDrawing.Series(
                        points: buckets.enumerated()
                            .compactMap { index, bucket in
                                let value = bucket.mean(line.bytes)
                                return value > 0 ? LineDrawing.Point(x: Double(index) + 0.5, y: value) : nil
                            },
                        colour: line.colour,
                        isDashed: line.isDashed,
                        hasMarks: true
                    )
                }
            )
        )
    }

    private static func bytesTable(
        _ buckets: [HistoryProfile.Bucket],
        _ lines: [(name: String, bytes: (HistoryProfile.Bucket) -> Double)]
    ) -> Table {
        Table(
            columns: [.words("history from"), .number("turns")] + lines.map { .number($0.name) }
                + [.number("read from the log"), .number("round trips")],
            rows: buckets.map { bucket in
                [Amount.tokens(bucket.fromTokens), Amount.grouped(bucket.turns)]
                    + lines.map { Amount.bytes(bucket.mean($0.bytes)) }
                    + [
                        Amount.bytes(bucket.mean { Double($0.traffic.storeBytesRead) }),
                        Amount.number(bucket.mean { Double($0.traffic.storeRoundTrips) }),
                    ]
            }
        )
    }
}

extension HistoryProfile.Bucket {
    /// Returns the mean of a figure per turn.
    fileprivate func mean(_ figure: (Self) -> Double) -> Double { figure(self) / Double(max(1, turns)) }
}
