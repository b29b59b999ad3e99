/// The key of a tombstone, kept so that a search can distinguish it from the tombstone of another key.
@usableFromInline
final class TombstoneKey<Key: MapKey>: Sendable {
    @usableFromInline let key: Key

    @inlinable
    init(_ key: Key) { self.key = key }
}
