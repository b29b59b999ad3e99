/// Bars side by side, each made of parts.
struct BarDrawing: Drawing {
    struct Bar: Hashable, Sendable {
        /// The label below it; empty for none.
        let label: String
        /// The parts from the bottom, at least 0; each has the next colour.
        let parts: [Double]

        var sum: Double { parts.reduce(0, +) }
    }

    let bars: [Bar]
    let title: String
    let y: @Sendable (_ ticks: Int) -> Axis
    /// `true` if labels name the values at which bars begin.
    var isContinuous = false

    func nodes(width: Double, height: Double) -> [Markup] {
        let isNarrow = width < 450
        let labels = bars.map(\.label)
        let frame = Frame(
            width: width,
            height: height,
            x: Axis(
                scale: Scale(
                    0...Double(max(1, bars.count)),
                    ticks: bars.indices.filter { !labels[$0].isEmpty }.map { Double($0) + (isContinuous ? 0 : 0.5) }
                ),
                title: title,
                label: { labels[min(labels.count - 1, Int($0))] }
            ),
            y: y(isNarrow ? 6 : 8)
        )
        var nodes = frame.nodes
        let gap = isContinuous ? 0.03 : bars.count > 16 ? 0.1 : 0.2
        for (index, bar) in bars.enumerated() {
            let start = frame.across(Double(index) + gap)
            let end = frame.across(Double(index) + 1 - gap)
            // The width of a few bars is limited.
            let width = min(end - start, isContinuous ? .infinity : 48)
            let left = (start + end - width) / 2
            var sum = 0.0
            for (part, value) in bar.parts.enumerated() where value > 0 {
                let (low, high) = (frame.down(sum), frame.down(sum + value))
                nodes.append(Canvas.rectangle(left, high, width, low - high, class: "fill c\(part)"))
                sum += value
            }
        }
        return nodes
    }
}
