/// A scale with its title and labels.
struct Axis: Sendable {
    let scale: Scale
    /// The meaning of its values, with their unit.
    let title: String
    /// Formats a tick's label.
    let label: @Sendable (Double) -> String
}

/// The frame of a drawing: axes, a grid and titles around a plain field.
struct Frame {
    let width: Double
    let height: Double
    let x: Axis
    let y: Axis
    private let left: Double
    private let right: Double
    private let top = 30.0
    private let bottom = 46.0

    init(width: Double, height: Double, x: Axis, y: Axis) {
        self.width = width
        self.height = height
        self.x = x
        self.y = y
        left = 10 + (y.scale.ticks.map { Canvas.width(of: y.label($0)) }.max() ?? 0)
        // The last label is centred under the end of the axis and extends beyond it.
        right = 6 + (x.scale.ticks.last.map { Canvas.width(of: x.label($0)) / 2 } ?? 0)
    }

    /// Returns the distance of a value from the left.
    func across(_ value: Double) -> Double { left + x.scale.position(value) * (width - left - right) }

    /// Returns the distance of a value from the top.
    func down(_ value: Double) -> Double { height - bottom - y.scale.position(value) * (height - top - bottom) }

    var floor: Double { height - bottom }
    var ceiling: Double { top }
    var start: Double { left }
    var end: Double { width - right }

    /// The grid, its labels and the titles.
    var nodes: [Markup] {
        var nodes: [Markup] = []
        for tick in y.scale.ticks {
            let place = down(tick)
            nodes.append(Canvas.line((left, place), (end, place), class: "grid"))
            nodes.append(Canvas.text(y.label(tick), left - 8, place + 4, anchor: "end"))
        }
        let labels = x.scale.ticks.map { (middle: across($0), text: x.label($0)) }
        for (label, isShown) in zip(labels, Canvas.isShown(labels)) where isShown {
            nodes.append(Canvas.line((label.middle, floor), (label.middle, floor + 5), class: "axis"))
            nodes.append(Canvas.text(label.text, label.middle, floor + 18, anchor: "middle"))
        }
        nodes.append(Canvas.line((left, floor), (end, floor), class: "axis"))
        nodes.append(Canvas.text(y.title, 0, 12, class: "title"))
        nodes.append(Canvas.text(x.title, end, height - 6, anchor: "end", class: "title"))
        return nodes
    }
}
