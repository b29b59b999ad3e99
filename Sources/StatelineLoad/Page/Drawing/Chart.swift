/// A drawing with its words: what it shows, what its colours are, and the figures themselves.
struct Chart: Sendable {
    /// What a colour or a dash stands for.
    struct Key: Hashable, Sendable {
        enum Shape: Hashable, Sendable {
            case line
            case dashed
            case box
            case ring
        }

        let name: String
        /// Which of the colours.
        let colour: Int
        let shape: Shape
    }

    /// Names the drawing within its page: letters, digits and hyphens.
    let name: String
    let title: String
    /// What there is to be seen, in a sentence or two.
    let summary: String
    let keys: [Key]
    /// The same figures for those who read them, where they do not stand beside it.
    let table: Table?
    let drawing: any Drawing

    /// The drawing as wide as a column of a large page, and as a small one.
    static let widths = (wide: 560.0, narrow: 340.0)

    /// The drawing, and what a reader that sees nothing reads of it.
    func svg(width: Double, name suffix: String) -> Markup {
        let height = (width == Self.widths.narrow ? 250.0 : 320)
        let (title, description) = ("\(name)-\(suffix)-title", "\(name)-\(suffix)-description")
        return .tag(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "class": suffix, "role": "img",
                "viewBox": "0 0 \(Canvas.number(width)) \(Canvas.number(height))",
                "aria-labelledby": "\(title) \(description)",
            ],
            [.tag("title", ["id": title], self.title), .tag("desc", ["id": description], summary)]
                + drawing.nodes(width: width, height: height)
        )
    }
}

/// What draws itself into a field.
protocol Drawing: Sendable {
    /// What is seen, in a field from the left upper corner on.
    func nodes(width: Double, height: Double) -> [Markup]
}

extension Chart.Key {
    /// A small drawing of what the marks look like.
    var swatch: Markup {
        let shapes: Markup =
            switch shape {
            case .line: Canvas.line((0, 6), (22, 6), class: "line c\(colour)")
            case .dashed: Canvas.line((0, 6), (22, 6), class: "line dashed c\(colour)")
            case .box: Canvas.rectangle(5, 0, 12, 12, class: "fill c\(colour)")
            case .ring: Canvas.circle(11, 6, 4, class: "ring c\(colour)")
            }
        return .tag("svg", ["viewBox": "0 0 22 12", "class": "swatch", "aria-hidden": "true"], [shapes])
    }
}
