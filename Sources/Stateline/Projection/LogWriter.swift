/// A writer of a log outside of a session, for the contracts of stores and for tools of this package.
///
/// It keeps the snapshot that a session would keep, so it writes the batches that a session would write.
package struct LogWriter: Sendable {
    private(set) var snapshot: Snapshot

    /// Begins the log of a new session.
    ///
    /// - Parameters:
    ///   - key: The session.
    ///   - incarnation: Its incarnation.
    ///   - cipher: Its encryption; `nil` for none.
    package init(_ key: SessionKey, incarnation: Incarnation = .random(), cipher: SessionCipher? = nil) {
        let origin = Position.origin(of: key, incarnation: incarnation)
        self.snapshot = Snapshot(key: key, origin: origin, dialect: EntryDialect(), cipher: cipher)
    }

    private init(_ snapshot: Snapshot) {
        self.snapshot = snapshot
    }

    /// The head of the newest batch.
    package var head: Head { snapshot.head }
    /// The session.
    package var key: SessionKey { snapshot.key }
    /// The position of the log.
    package var position: Position { snapshot.position }

    /// Writes a batch of some entries at the end: the creation first, then turns.
    @discardableResult
    package mutating func append(_ entries: Entry..., created: Timestamp = .now()) -> EncodedBatch {
        let kind: Batch.Kind = position.revision == 0 ? .creation : .turn
        var batch = Batch(kind, turn: .random(), created: created)
        batch.entries = entries
        return append(batch)
    }

    /// Writes a batch at the end.
    ///
    /// - Parameters:
    ///   - batch: The batch.
    ///   - extensions: The head's extensions; `nil` to carry on those of the head before.
    /// - Returns: The stored form.
    @discardableResult
    package mutating func append(_ batch: Batch, extensions: [FormatExtension]? = nil) -> EncodedBatch {
        let successor = snapshot.successor(batch, extensions: extensions)
        snapshot = successor.snapshot
        return successor.encoded
    }

    /// Takes in batches that other writers appended after the newest one.
    ///
    /// - Throws: ``LogError`` if the batches do not follow by their digests.
    package mutating func follow(_ batches: [EncodedBatch]) throws(LogError) {
        snapshot = try snapshot.following(batches)
    }

    /// Begins a fork's log after the newest batch.
    ///
    /// - Returns: The fork's writer, and its first batch.
    package func fork(as id: String, created: Timestamp = .now()) -> (log: LogWriter, first: EncodedBatch) {
        var batch = Batch(.fork, turn: .random(), created: created)
        batch.parent = Batch.Ancestor(id: key.id, position: position)
        let successor = snapshot.renamed(key.fork(id)).successor(batch, incarnation: .random())
        return (LogWriter(successor.snapshot), successor.encoded)
    }
}
