/// A drawing with its summary, the key of its colours, and its figures.
struct Chart: Sendable {
    /// The meaning of a colour or a dash.
    struct Key: Hashable, Sendable {
        enum Shape: Hashable, Sendable {
            case line
            case dashed
            case box
            case ring
        }

        let name: String
        /// The number of the colour.
        let colour: Int
        let shape: Shape
    }

    /// The name of the drawing within its page: letters, digits and hyphens.
    let name: String
    let title: String
    /// A summary in a sentence or two.
    let summary: String
    let keys: [Key]
    /// The figures, unless they stand beside the drawing.
    let table: Table?
    let drawing: any Drawing

    /// The drawing at the width of a column on a large and on a small page.
    static let widths = (wide: 560.0, narrow: 340.0)

    /// Returns the drawing with its description for screen readers.
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

/// A drawing that can be laid out in a field.
protocol Drawing: Sendable {
    /// Returns the shapes, in a field that begins at the upper left corner.
    func nodes(width: Double, height: Double) -> [Markup]
}

extension Chart.Key {
    /// A sample of a mark.
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
