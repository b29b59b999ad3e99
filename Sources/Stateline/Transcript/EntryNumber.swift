/// The number of an entry in a session's log, counted from 0: its name for as long as the session lives.
///
/// A view shows entries of any numbers in any order. A fork has its parent's numbers up to where it began. In JSON it is
/// a number.
public struct EntryNumber: Hashable, Comparable, Sendable, Codable, RawRepresentable, ExpressibleByIntegerLiteral {
    /// The number.
    public let rawValue: Int

    /// Makes the number of an entry.
    public init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// Makes a number of a literal.
    public init(integerLiteral value: Int) {
        self.rawValue = value
    }

    /// Orders entries by the time at which the log took them.
    public static func < (a: EntryNumber, b: EntryNumber) -> Bool { a.rawValue < b.rawValue }
}

extension EntryNumber: CustomStringConvertible {
    /// The number in decimal.
    public var description: String { String(rawValue) }
}
