/// Figures formatted for people.
enum Figures {
    /// Formats bytes in the largest binary unit with a figure of at least 1, in at most 8 characters.
    static func bytes(_ count: Int) -> String {
        scaled(Double(count), by: 1024, units: ["B", "KiB", "MiB", "GiB", "TiB"], decimalsBelow: 100)
    }

    /// Formats a time in the largest unit with a figure of at least 1, in at most 6 characters up to 999 seconds.
    static func time(_ duration: Duration) -> String {
        scaled(Double(duration.nanoseconds), by: 1000, units: ["ns", "µs", "ms", "s"], decimalsBelow: 10)
    }

    private static func scaled(_ value: Double, by step: Double, units: [String], decimalsBelow limit: Double) -> String
    {
        var value = value
        var unit = 0
        // A value that rounds up to a whole step belongs to the next unit.
        while value >= step - 0.5, unit < units.count - 1 {
            value /= step
            unit += 1
        }
        let isWhole = unit == 0 || value >= limit - 0.05
        return "\(isWhole ? String(Int(value.rounded())) : decimal(value, places: 1)) \(units[unit])"
    }

    /// Formats a ratio as a factor.
    static func factor(_ value: Double) -> String {
        (value < 99.995 ? decimal(value, places: 2) : String(Int(value.rounded()))) + "x"
    }

    /// Formats a share as percent.
    static func percent(_ share: Double) -> String { decimal(share * 100, places: 1) + " %" }

    /// Formats a number with its noun.
    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// Formats a non-negative number with 1 or 2 decimal places.
    static func decimal(_ value: Double, places: Int) -> String {
        let scale = places == 1 ? 10 : 100
        let scaled = Int((value * Double(scale)).rounded())
        let fraction = String(scaled % scale)
        return "\(scaled / scale)." + String(repeating: "0", count: places - fraction.count) + fraction
    }
}

extension Duration {
    /// Whole nanoseconds.
    var nanoseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    }
}
