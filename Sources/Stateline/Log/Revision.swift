/// The number of a batch in a session's log: 1 for the batch that creates the session, then one more for each.
///
/// Order comes from revisions, never from a clock. In JSON a revision is a number.
public struct Revision: Hashable, Comparable, Sendable, Codable, RawRepresentable, ExpressibleByIntegerLiteral {
    /// The number; 0 stands for a log without a batch.
    public let rawValue: UInt64

    /// Makes a revision of its number.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Makes a revision of a literal number.
    public init(integerLiteral value: UInt64) {
        self.rawValue = value
    }

    /// The revision of the batch that follows.
    public var next: Revision { Revision(rawValue: rawValue + 1) }

    /// Orders revisions of one session by their place in its log.
    public static func < (a: Revision, b: Revision) -> Bool { a.rawValue < b.rawValue }
}

extension Revision: CustomStringConvertible {
    /// The number in decimal.
    public var description: String { String(rawValue) }
}
