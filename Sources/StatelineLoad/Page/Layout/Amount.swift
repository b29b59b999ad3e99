internal import Foundation

/// Figures formatted for people.
enum Amount {
    /// Formats a number with at most three significant digits, or with all whole ones, grouped by narrow spaces.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "-" }
        let size = abs(value)
        if size == 0 { return "0" }
        let places =
            size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : min(9, 2 - Int(log10(size).rounded(.down)))
        guard places > 0 else { return size < 1e15 ? grouped(Int(value.rounded())) : "\(value)" }
        let text = fixed(value, places)
        // Zeros at the end of a fraction are dropped.
        let short = text.reversed().drop { $0 == "0" }
        return String((short.first == "." ? short.dropFirst() : short).reversed())
    }

    /// Formats a whole number, grouped by narrow spaces.
    static func grouped(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var output = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0, digits.count > 4 { output += "\u{202F}" }
            output.append(digit)
        }
        return output
    }

    /// Formats microseconds in the unit that reads best.
    static func time(_ microseconds: Double) -> String {
        let size = abs(microseconds)
        if size >= 999_500 { return number(microseconds / 1e6) + " s" }
        if size >= 999.5 { return number(microseconds / 1000) + " ms" }
        return number(microseconds) + " µs"
    }

    /// Formats bytes in the unit that reads best; a kB is 1000 B, so that the ticks of an axis are whole.
    static func bytes(_ count: Double) -> String {
        var value = count
        var unit = 0
        let units = ["B", "kB", "MB", "GB", "TB"]
        while abs(value) >= 999.5, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        return number(value) + " " + units[unit]
    }

    /// Formats a number of tokens near a power of two.
    static func tokens(_ count: Int) -> String {
        if count >= 1 << 20 { return "\(count >> 20)M" }
        return count >= 1 << 10 ? "\(count >> 10)k" : "\(count)"
    }

    /// Formats a ratio as a factor.
    static func factor(_ value: Double) -> String { number(value) + "x" }

    /// Formats a share as percent.
    static func percent(_ share: Double) -> String { fixed(share * 100, share < 0.1 ? 2 : 1) + " %" }

    /// Formats a ratio as a change in percent.
    static func change(_ ratio: Double) -> String {
        guard ratio.isFinite else { return "-" }
        if ratio >= 2 { return "\(number(ratio))x" }
        let percent = (ratio - 1) * 100
        let text = fixed(abs(percent), abs(percent) < 10 ? 1 : 0)
        guard text.contains(where: { $0 != "0" && $0 != "." }) else { return "0 %" }
        return (percent < 0 ? "−" : "+") + text + " %"
    }

    /// Formats a number with a fixed number of decimal places.
    static func fixed(_ value: Double, _ places: Int) -> String {
        guard value.isFinite else { return "-" }
        return value.formatted(
            .number.precision(.fractionLength(places)).grouping(.never).locale(Locale(identifier: "en_US_POSIX"))
        )
    }
}
