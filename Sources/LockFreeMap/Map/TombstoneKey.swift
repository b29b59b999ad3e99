/// What a tombstone keeps of a key, so that nobody takes it for another key's.
@usableFromInline
final class TombstoneKey<Key: MapKey>: Sendable {
    @usableFromInline let key: Key

    @inlinable
    init(_ key: Key) { self.key = key }
}
