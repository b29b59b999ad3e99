/// The number of a batch in a session's log: 1 for the batch that creates the session, then one more for each.
///
/// Order comes from revisions, never from a clock.
public struct Revision: Hashable, Comparable, Sendable, RawRepresentable, ExpressibleByIntegerLiteral {
    /// The number; 0 stands for a log with no batch.
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

/// A random name of one life of a session, drawn when it is created.
///
/// A session that was deleted and created again under the same key has another incarnation, so that nothing of the
/// former one is ever continued by mistake.
public struct Incarnation: Hashable, Sendable {
    /// The 128 random bits.
    public let rawValue: UInt128

    /// Makes an incarnation of its bits.
    public init(rawValue: UInt128) {
        self.rawValue = rawValue
    }

    /// Draws an incarnation from the system's generator.
    public static func random() -> Incarnation {
        Incarnation(rawValue: .random(in: .min ... .max))
    }
}

/// Where a reader or writer stands in a session's log: what it holds, and what it expects to find.
///
/// The whole position is compared at every commit. A revision alone would accept a log that went back after a failover
/// and grew again, or one that was deleted and created anew.
public struct Position: Hashable, Sendable {
    /// Which life of the session.
    public let incarnation: Incarnation
    /// The newest batch that is held.
    public let revision: Revision
    /// The digest of the log up to that batch.
    public let digest: Digest

    /// Makes a position of its parts.
    public init(incarnation: Incarnation, revision: Revision, digest: Digest) {
        self.incarnation = incarnation
        self.revision = revision
        self.digest = digest
    }

    /// The position before the first batch of a new session.
    public static func origin(of key: SessionKey, incarnation: Incarnation) -> Position {
        Position(incarnation: incarnation, revision: 0, digest: .origin(of: key, incarnation: incarnation))
    }

    /// Returns `true` if another position is of the same life of the session, and newer.
    package func isBehind(_ other: Position) -> Bool {
        incarnation == other.incarnation && revision < other.revision
    }
}
