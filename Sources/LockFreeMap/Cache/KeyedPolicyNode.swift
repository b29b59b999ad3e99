/// A residence with its key; apart, so that queues and wheel are the same code for all keys.
///
/// `@unchecked Sendable`: the key is constant, and `Sendable` as each `MapKey` is; all else is the ``PolicyNode``'s, whose
/// proof stands there.
@usableFromInline
final class KeyedPolicyNode<Key: MapKey>: PolicyNode, @unchecked Sendable {
    @usableFromInline let key: Key

    @inlinable
    init(_ key: Key) {
        self.key = key
        super.init(fingerprint: UInt32(truncatingIfNeeded: key.hash(.process) >> 32))
    }
}
