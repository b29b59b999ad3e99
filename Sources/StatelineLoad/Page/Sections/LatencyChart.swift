internal import Foundation

extension Chart {
    /// The percentiles of reports, each with the number of times that it needs.
    static let percentiles: [(share: Double, name: String, needs: Int)] = [
        (0.5, "p50", 1), (0.9, "p90", 1), (0.99, "p99", 100), (0.999, "p99.9", 10_000), (0.9999, "p99.99", 100_000),
    ]

    /// Draws times over percentiles, with equal space for each nine.
    ///
    /// - Parameters:
    ///   - name: The name of the chart within its page.
    ///   - curves: The curves.
    ///   - table: The figures, unless they stand beside it.
    /// - Returns: The chart; `nil` if no run has times.
    static func latency(name: String, _ curves: [LatencyCurve], table: Table?) -> Chart? {
        let curves = curves.filter { $0.spectrum != nil }
        let spectra = curves.compactMap(\.spectrum)
        guard let count = spectra.map(\.count).max(), count > 0 else { return nil }
        let times = spectra.flatMap(\.levels).map { max(1, $0.time) }
        let range = (times.min() ?? 1)...(times.max() ?? 1)
        let nines = max(1, min(6, log10(Double(count))))
        return Chart(
            name: name,
            title: "Latency by percentile",
            summary: "Time of turns by percentile, with equal space for each nine. A line is faint if fewer than ten "
                + "turns lie beyond it.",
            keys: curves.map { Key(name: $0.name, colour: $0.colour, shape: $0.isDashed ? .dashed : .line) },
            table: table,
            drawing: LineDrawing(
                x: { _ in percentileAxis(nines: nines) },
                y: { ticks in
                    let isWide = range.upperBound > 20 * range.lowerBound
                    let scale =
                        isWide
                        ? Scale(.logarithmic, over: range, limit: ticks)
                        : Scale(.linear, over: 0...range.upperBound, limit: ticks)
                    return Axis(scale: scale, title: "Latency", label: Amount.time)
                },
                series: curves.map(\.series)
            )
        )
    }

    private static func percentileAxis(nines: Double) -> Axis {
        let ticks = [0, -log10(0.5)] + (1...6).map(Double.init).filter { $0 <= nines + 1e-9 }
        return Axis(
            scale: Scale(0...nines, ticks: ticks),
            title: "Percentile",
            label: { nines in
                if nines == 0 { return "0" }
                if nines < 1 { return "50" }
                let count = Int(nines)
                return count == 1 ? "90" : count == 2 ? "99" : "99." + String(repeating: "9", count: count - 2)
            }
        )
    }
}

/// The times of a run as a curve.
struct LatencyCurve: Sendable {
    let name: String
    let colour: Int
    var isDashed = false
    let spectrum: Spectrum?

    var series: LineDrawing.Series {
        let count = Double(spectrum?.count ?? 0)
        let points = (spectrum?.levels ?? [])
            .compactMap { level -> LineDrawing.Point? in
                let beyond = count - Double(level.count)
                // The longest time has no percentile of its own; it is drawn where the next one would begin.
                let nines = min(6, -log10(max(beyond, 1) / count))
                return LineDrawing.Point(x: max(0, nines), y: max(1, level.time))
            }
        return LineDrawing.Series(
            points: points,
            colour: colour,
            isDashed: isDashed,
            faintAfter: count > 10 ? -log10(10 / count) : 0
        )
    }
}
