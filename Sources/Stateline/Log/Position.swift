/// The point in a session's log up to which a reader holds it, or at which a writer expects it to end.
///
/// A commit compares the whole position. A revision alone would accept a log that lost batches in a failover and grew
/// again, or one that was deleted and created anew.
///
/// In JSON: `{"incarnation": "…", "revision": 7, "digest": "…"}`.
public struct Position: Hashable, Sendable, Codable {
    /// The life of the session.
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

    /// Returns the position before the first batch of a new session.
    public static func origin(of key: SessionKey, incarnation: Incarnation) -> Position {
        Position(incarnation: incarnation, revision: 0, digest: .origin(of: key, incarnation: incarnation))
    }

    /// Returns `true` if another position is of the same life of the session, and newer.
    package func isBehind(_ other: Position) -> Bool {
        incarnation == other.incarnation && revision < other.revision
    }
}
