extension Chart {
    /// Draws latency over the rate, up to the rate that does not pass.
    static func sweep(name: String, _ points: [LoadReport.SweepPoint]) -> Chart? {
        guard let least = points.map(\.rate).min(), let most = points.map(\.rate).max(), least > 0 else { return nil }
        let lines: [(name: String, colour: Int, isDashed: Bool, time: (LoadReport) -> Double)] = [
            ("p99", 0, false, { $0.intended.microseconds(0.99) }),
            ("p50", 2, true, { $0.intended.microseconds(0.5) }),
        ]
        let times = points.flatMap { point in lines.map { max(1, $0.time(point.report)) } }
        let range = (times.min() ?? 1)...(times.max() ?? 1)
        let knee = points.last(where: \.passes)
        let fails = points.contains { !$0.passes }
        return Chart(
            name: name,
            title: "Latency by rate",
            summary: "Intended latency of turns as the rate of sessions rises."
                + (knee.map { " The highest rate that passes is \(Amount.number($0.rate)) sessions a second." } ?? "")
                + (fails ? " A ring marks a rate that does not pass." : ""),
            keys: lines.map { Key(name: $0.name, colour: $0.colour, shape: $0.isDashed ? .dashed : .line) }
                + (fails ? [Key(name: "exceeds the objective", colour: 0, shape: .ring)] : []),
            table: sweepTable(points),
            drawing: LineDrawing(
                x: { ticks in
                    Axis(
                        scale: Scale(most > 8 * least ? .logarithmic : .linear, over: least...most, limit: ticks),
                        title: "Sessions a second",
                        label: Amount.number
                    )
                },
                y: { ticks in
                    Axis(
                        scale: Scale(.logarithmic, over: range, limit: ticks),
                        title: "Intended latency",
                        label: Amount.time
                    )
                },
                series: lines.map { line in
                    LineDrawing.Series(
                        points: points.map {
                            LineDrawing.Point(x: $0.rate, y: max(1, line.time($0.report)), isHollow: !$0.passes)
                        },
                        colour: line.colour,
                        isDashed: line.isDashed,
                        hasMarks: true
                    )
                },
                mark: knee.map {
                    LineDrawing.Mark(
                        x: $0.rate,
                        text: "knee \(Amount.number($0.rate))/s\($0.report.isVoid ? ", void" : "")"
                    )
                }
            )
        )
    }

    private static func sweepTable(_ points: [LoadReport.SweepPoint]) -> Table {
        Table(
            columns: [
                .words("sessions a second"), .number("turns a second"), .number("p50"), .number("p99"),
                .number("errors"), .words("outcome"),
            ],
            rows: points.map { point in
                [
                    Amount.number(point.rate), Amount.number(point.report.turnRate),
                    Amount.time(point.report.intended.microseconds(0.5)),
                    Amount.time(point.report.intended.microseconds(0.99)),
                    Amount.grouped(point.report.errors),
                    (point.passes ? "passes" : "exceeds the objective") + (point.report.isVoid ? ", void" : ""),
                ]
            }
        )
    }
}
