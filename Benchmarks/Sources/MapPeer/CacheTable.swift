internal import LockFreeMap

/// A full cache: each insertion of a new key evicts another one.
final class CacheTable: PeerTable {
    private let cache: LockFreeCache<Key16, CachedValue>
    private let keys: StreamKeys
    private var streams = Streams<Key16>()

    /// The weight of an entry, so that the capacity is a number of entries.
    private static let weight = 64

    init(_ keys: StreamKeys, capacity: Int) {
        self.keys = keys
        cache = LockFreeCache(capacity: capacity * Self.weight)
    }

    func openStream(_ thread: Int, _ operations: [Operation]) {
        streams.open(thread, of: keys, operations)
    }

    func run(_ window: StreamWindow) -> UInt64 {
        do {
            for key in streams.keys[window.thread][window.range] {
                _ = try cache.insert(
                    ifAbsent: CachedValue(content: key.first ^ key.second),
                    at: key,
                    weight: Self.weight
                )
            }
        } catch {
            fatalError("an insert was refused: \(error)")
        }
        return 0
    }
}

/// A value in the cache.
final class CachedValue: Sendable {
    let content: UInt64

    init(content: UInt64) {
        self.content = content
    }
}
