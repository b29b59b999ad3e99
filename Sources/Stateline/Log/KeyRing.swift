/// The master keys of some sessions: one that wraps the keys of new batches, and older ones that still open.
///
/// To rotate, put a new key first and keep the old one:
///
/// ```swift
/// let ring = KeyRing(EncryptionKey(id: 2, hexadecimal: new)!, EncryptionKey(id: 1, hexadecimal: old)!)
/// ```
///
/// The next batch of each session is then written with a key of its own that is wrapped under the new one, and so are the
/// session's earlier keys. The old key can be destroyed once each session has such a batch; ``Boundary/rekey(_:)`` writes
/// one to a session that has no turns.
public struct KeyRing: Sendable {
    /// The key that wraps the keys of new batches.
    public let active: EncryptionKey
    /// The keys that only open what was written before.
    public let earlier: [EncryptionKey]
    /// `true` to read batches that were written without encryption, up to the first one with it.
    ///
    /// A session with such batches gets encrypted ones from its next batch on; those before stay as they are in the store.
    public let allowsPlaintext: Bool

    /// Makes a ring.
    ///
    /// - Parameters:
    ///   - active: The key that wraps the keys of new batches.
    ///   - earlier: The keys that only open.
    ///   - allowsPlaintext: `true` to read sessions that were begun without encryption. By default they are refused: a
    ///     writer to the store could forge them.
    /// - Precondition: The keys have different ids.
    public init(_ active: EncryptionKey, _ earlier: EncryptionKey..., allowsPlaintext: Bool = false) {
        precondition(Set(([active] + earlier).map(\.id)).count == 1 + earlier.count, "two keys have the same id")
        self.active = active
        self.earlier = earlier
        self.allowsPlaintext = allowsPlaintext
    }

    /// The key of an id.
    func key(_ id: UInt32) -> EncryptionKey? {
        active.id == id ? active : earlier.first { $0.id == id }
    }
}

extension KeyRing: CustomStringConvertible, CustomReflectable {
    /// The ids of the keys, not the keys.
    public var description: String { "keys \(([active] + earlier).map(\.id)): \(SessionCipher.placeholder)" }
    /// A mirror of the ids alone.
    public var customMirror: Mirror { Mirror(self, children: ["ids": ([active] + earlier).map(\.id)]) }
}
