/// A policy node with its key.
///
/// A class of its own, so that queues and wheel are the same code for all types of keys.
///
/// `@unchecked Sendable`: the key is constant, and `Sendable` as each `MapKey` is; the rest is that of ``PolicyNode``,
/// with its proof.
@usableFromInline
final class KeyedPolicyNode<Key: MapKey>: PolicyNode, @unchecked Sendable {
    @usableFromInline let key: Key

    @inlinable
    init(_ key: Key) {
        self.key = key
        super.init(fingerprint: UInt32(truncatingIfNeeded: key.hash(.process) >> 32))
    }
}
