#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The header `Retry-After`, and others of the same meaning.
enum RetryAfter {
    /// Returns the time that the provider asks to wait; `nil` if it does not say, or in a form that is not understood.
    ///
    /// Some providers give milliseconds in a header of their own, which is the more exact one.
    static func delay(_ headers: [(name: String, value: String)], now: Date) -> Duration? {
        func value(_ names: String...) -> String? {
            headers.first { names.contains($0.name.lowercased()) }?.value
        }
        if let time = value("retry-after-ms", "x-ms-retry-after-ms").flatMap({ Double($0) }), time >= 0 {
            return .milliseconds(Int64(min(time, maximumSeconds * 1000)))
        }
        return value("retry-after").flatMap { delay($0, now: now) }
    }

    /// Reads the time that a provider asks to wait; `nil` if its form is not understood.
    ///
    /// The header holds seconds or a date; a date that has passed means no wait.
    ///
    /// Source: RFC 9110, 10.2.3.
    static func delay(_ text: String, now: Date) -> Duration? {
        if let seconds = Double(text) {
            return seconds >= 0 ? .milliseconds(Int64(min(seconds, maximumSeconds) * 1000)) : nil
        }
        guard let seconds = date(text)?.timeIntervalSince(now) else { return nil }
        return .milliseconds(Int64(min(max(seconds, 0), maximumSeconds) * 1000))
    }

    /// The longest time, which stands for all longer ones: a call is not made again soon because its provider asks for
    /// too much.
    private static var maximumSeconds: Double { 1e9 }

    /// Reads a date such as `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that may be sent today.
    ///
    /// Source: RFC 9110, 5.6.7.
    private static func date(_ text: String) -> Date? {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = text.split { $0 == " " || $0 == "," || $0 == ":" }
        guard words.count == 8, words[7] == "GMT", let month = months.firstIndex(of: String(words[2])) else {
            return nil
        }
        let numbers = [words[1], words[3], words[4], words[5], words[6]].compactMap { Int($0) }
        let ranges = [1...31, 1...9999, 0...23, 0...59, 0...60]
        guard numbers.count == 5, zip(ranges, numbers).allSatisfy({ $0 ~= $1 }) else { return nil }
        let components = DateComponents(
            timeZone: .gmt,
            year: numbers[1],
            month: month + 1,
            day: numbers[0],
            hour: numbers[2],
            minute: numbers[3],
            second: numbers[4]
        )
        return Calendar(identifier: .gregorian).date(from: components)
    }
}
