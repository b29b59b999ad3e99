public import Synchronization

/// What a ``LockFreeCache`` keeps in its map: a value with its key, its weight, its deadlines and how often it was read.
///
/// All that a read needs lies in this one object. A new value gets a new entry; what the policy knows of the key, the
/// ``PolicyNode``, goes from the old entry to the new one.
@usableFromInline
final class CacheEntry<Key: MapKey, Value: AnyObject & Sendable>: MapEntry {
    @usableFromInline let key: Key
    @usableFromInline let value: Value
    /// In bytes, told by the caller before the entry was published.
    @usableFromInline let weight: Int
    @usableFromInline let node: KeyedPolicyNode<Key>
    /// The tick at which the entry expires whatever happens.
    @usableFromInline let absoluteDeadline: UInt64
    /// The tick at which the entry expires unless it is read before.
    @usableFromInline let idleDeadline: Atomic<UInt64>
    /// How often the entry was read since the policy last looked, up to 3.
    @usableFromInline let frequency: Atomic<UInt8>

    @inlinable
    init(
        _ value: Value,
        node: KeyedPolicyNode<Key>,
        weight: Int,
        idleDeadline: UInt64,
        absoluteDeadline: UInt64,
        frequency: UInt8
    ) {
        self.key = node.key
        self.value = value
        self.weight = weight
        self.node = node
        self.absoluteDeadline = absoluteDeadline
        self.idleDeadline = Atomic(idleDeadline)
        self.frequency = Atomic(frequency)
    }

    /// The tick at which the entry expires unless it is read before.
    @inlinable var deadline: UInt64 {
        Swift.min(absoluteDeadline, idleDeadline.load(ordering: .relaxed))
    }

    /// Counts a read.
    ///
    /// Reads that happen at once may count as one; nothing is written once the count is full.
    @inlinable @inline(__always)
    func countRead() {
        let count = frequency.load(ordering: .relaxed)
        if count < 3 { frequency.store(count &+ 1, ordering: .relaxed) }
    }
}
