public import Synchronization

/// An entry of a ``LockFreeCache`` in its map: a value with its key, weight, deadlines and number of reads.
///
/// All that a read needs is in this one object. A new value gets a new entry; the key's ``PolicyNode`` moves from the
/// old entry to the new one.
@usableFromInline
final class CacheEntry<Key: MapKey, Value: AnyObject & Sendable>: MapEntry {
    @usableFromInline let key: Key
    @usableFromInline let value: Value
    /// The weight in bytes, as the caller gave it.
    @usableFromInline let weight: Int
    @usableFromInline let node: KeyedPolicyNode<Key>
    /// The tick at which the entry expires, whether it is read or not.
    @usableFromInline let absoluteDeadline: UInt64
    /// The tick at which the entry expires unless it is read before.
    @usableFromInline let idleDeadline: Atomic<UInt64>
    /// The number of reads since the policy's last visit, up to 3.
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
    /// Concurrent reads may count as one; nothing is written once the count is 3.
    @inlinable @inline(__always)
    func countRead() {
        let count = frequency.load(ordering: .relaxed)
        if count < 3 { frequency.store(count &+ 1, ordering: .relaxed) }
    }
}
