/// The reason why the content of a batch is not opened.
@nonexhaustive
public enum SealError: Error, Hashable, Sendable {
    /// The batch is encrypted, and the reader has no keys. The id is that of the master key, if this batch names it.
    case keyRequired(id: UInt32?)
    /// The provider has no key ring for the session.
    case noKeyRing
    /// The ring lacks the master key of this id.
    case unknownKey(id: UInt32)
    /// The batch that holds the key of this one is not in the log.
    case noEnvelope(Revision)
    /// The content was changed, the batch was written for another session or revision, or the key with its id is another
    /// one.
    case notAuthentic
    /// The batch is not encrypted, and the ring does not allow that.
    case plaintext
    /// The session was deleted, and the provider failed to destroy its keys.
    case keysNotDestroyed
}

extension SealError: CustomStringConvertible {
    /// The reason and the remedy, in one line.
    public var description: String {
        switch self {
        case .keyRequired(let id):
            "it is encrypted\(id.map { " under key \($0)" } ?? ""); give the boundary its key ring"
        case .noKeyRing: "the provider has no key ring for it; add one"
        case .unknownKey(let id): "it is encrypted under key \(id), which the key ring lacks; add that key"
        case .noEnvelope(let revision): "its key should be in the batch of revision \(revision), which has none"
        case .notAuthentic:
            "its content was changed or moved, or the key is not the one that its id says; restore it from a backup"
        case .plaintext: "it is not encrypted; allow plaintext in the key ring if the session is older than its keys"
        case .keysNotDestroyed: "it was deleted, but its keys could not be destroyed; erase it again"
        }
    }
}
