/// Lines over an axis.
struct LineDrawing: Drawing {
    struct Point: Hashable, Sendable {
        let x: Double
        let y: Double
        /// `true` to draw a ring, for a point that does not pass.
        var isHollow = false
    }

    struct Series: Sendable {
        let points: [Point]
        let colour: Int
        var isDashed = false
        /// `true` if each point has a mark.
        var hasMarks = false
        /// The place from which on the line is faint, because few figures are behind it.
        var faintAfter = Double.infinity
    }

    /// A place on the axis with a word.
    struct Mark: Hashable, Sendable {
        let x: Double
        let text: String
    }

    let x: @Sendable (_ ticks: Int) -> Axis
    let y: @Sendable (_ ticks: Int) -> Axis
    let series: [Series]
    var mark: Mark?

    func nodes(width: Double, height: Double) -> [Markup] {
        let isNarrow = width < 450
        let frame = Frame(width: width, height: height, x: x(isNarrow ? 5 : 9), y: y(isNarrow ? 6 : 8))
        var nodes = frame.nodes
        if let mark {
            let place = frame.across(mark.x)
            nodes.append(Canvas.line((place, frame.ceiling), (place, frame.floor), class: "mark"))
            // The word goes to the side that has room for it.
            let isRight = place + 8 + Canvas.width(of: mark.text) < frame.end
            nodes.append(
                Canvas.text(
                    mark.text,
                    place + (isRight ? 8 : -8),
                    frame.ceiling + 10,
                    anchor: isRight ? "start" : "end",
                    class: "note"
                )
            )
        }
        for series in series { nodes.append(.tag("g", [:], draw(series, in: frame))) }
        return nodes
    }

    private func draw(_ series: Series, in frame: Frame) -> [Markup] {
        let style = "line\(series.isDashed ? " dashed" : "") c\(series.colour)"
        func place(_ points: [Point]) -> [(Double, Double)] {
            points.map { (frame.across($0.x), frame.down($0.y)) }
        }
        let sound = series.points.prefix { $0.x <= series.faintAfter }
        let faint = series.points.dropFirst(max(0, sound.count - 1))
        var nodes: [Markup] = []
        if sound.count > 1 { nodes.append(Canvas.path(place(Array(sound)), class: style)) }
        if faint.count > 1, sound.count < series.points.count {
            nodes.append(Canvas.path(place(Array(faint)), class: style + " faint"))
        }
        guard series.hasMarks || series.points.count == 1 else { return nodes }
        for point in series.points {
            let (x, y) = (frame.across(point.x), frame.down(point.y))
            nodes.append(Canvas.circle(x, y, 3.5, class: "\(point.isHollow ? "ring" : "fill") c\(series.colour)"))
        }
        return nodes
    }
}
