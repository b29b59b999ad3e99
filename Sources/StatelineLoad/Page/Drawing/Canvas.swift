internal import Foundation

/// The shapes of a drawing, and the space of its words.
enum Canvas {
    /// The size of letters.
    static let letter = 12.0

    /// Estimates the width of a text, never less than in the fonts of browsers.
    static func width(of text: String) -> Double { Double(text.count) * letter * 0.58 }

    static func text(
        _ text: String,
        _ x: Double,
        _ y: Double,
        anchor: String = "start",
        class style: String = "label"
    ) -> Markup {
        .tag("text", ["x": number(x), "y": number(y), "text-anchor": anchor, "class": style], text)
    }

    static func line(_ from: (Double, Double), _ to: (Double, Double), class style: String) -> Markup {
        .tag(
            "line",
            ["x1": number(from.0), "y1": number(from.1), "x2": number(to.0), "y2": number(to.1), "class": style]
        )
    }

    static func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double, class style: String) -> Markup {
        .tag(
            "rect",
            ["x": number(x), "y": number(y), "width": number(width), "height": number(height), "class": style]
        )
    }

    static func circle(_ x: Double, _ y: Double, _ radius: Double, class style: String) -> Markup {
        .tag("circle", ["cx": number(x), "cy": number(y), "r": number(radius), "class": style])
    }

    static func path(_ points: [(Double, Double)], class style: String) -> Markup {
        let steps = points.enumerated()
            .map { index, point in "\(index == 0 ? "M" : "L")\(number(point.0)) \(number(point.1))" }
        return .tag("path", ["d": steps.joined(), "class": style])
    }

    /// Selects labels that can be shown side by side without touching; the last one has priority.
    ///
    /// - Parameter labels: The middle of each label, rising, and its text.
    /// - Returns: `true` for each label that is shown.
    static func isShown(_ labels: [(middle: Double, text: String)]) -> [Bool] {
        var shown = [Bool](repeating: false, count: labels.count)
        guard let last = labels.last else { return shown }
        func reach(_ label: (middle: Double, text: String)) -> ClosedRange<Double> {
            let half = width(of: label.text) / 2 + 4
            return label.middle - half...label.middle + half
        }
        shown[labels.count - 1] = true
        let end = reach(last).lowerBound
        var free = -Double.infinity
        for (index, label) in labels.dropLast().enumerated() {
            let reach = reach(label)
            guard reach.lowerBound >= free, reach.upperBound <= end else { continue }
            shown[index] = true
            free = reach.upperBound
        }
        return shown
    }

    /// Formats a length with at most one decimal place.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let tenths = Int((max(-1e6, min(1e6, value)) * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let (whole, rest) = abs(tenths).quotientAndRemainder(dividingBy: 10)
        return sign + (rest == 0 ? "\(whole)" : "\(whole).\(rest)")
    }
}
