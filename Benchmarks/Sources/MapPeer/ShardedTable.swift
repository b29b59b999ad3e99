internal import LockFreeMap
internal import Synchronization

/// The usual alternative to a lock-free map: 64 dictionaries, each behind a lock.
final class ShardedTable<Entry: StreamEntry>: PeerTable {
    private final class Shard: Sendable {
        let entries = Mutex<[Entry.Key: Entry]>([:])
    }

    private let shards = (0..<64).map { _ in Shard() }
    private let seed = HashSeed.process
    private let keys: StreamKeys
    private var streams = Streams<Entry.Key>()

    init(_ keys: StreamKeys, fill: Bool) {
        self.keys = keys
        guard fill else { return }
        for shard in shards { shard.entries.withLock { $0.reserveCapacity(keys.count / shards.count) } }
        for index in 0..<keys.count { insert(index) }
    }

    private func shard(of key: Entry.Key) -> Shard { shards[Int(key.hash(seed) >> 58)] }

    func openStream(_ thread: Int, _ operations: [Operation]) {
        streams.open(thread, of: keys, operations)
    }

    func run(_ window: StreamWindow) -> UInt64 {
        let keys = streams.keys[window.thread][window.range]
        var sum: UInt64 = 0
        for (key, operation) in zip(keys, streams.operations[window.thread][window.range]) {
            if operation.isWrite {
                replace(key)
            } else {
                sum &+= shard(of: key).entries.withLock { $0[key]?.content } ?? 0
            }
        }
        return sum
    }

    private func replace(_ key: Entry.Key) {
        shard(of: key).entries
            .withLock { entries in
                guard let old = entries[key] else { return }
                entries[key] = Entry(key: key, content: old.content)
            }
    }

    func insert(_ index: Int) {
        let entry = Entry(keys, index)
        shard(of: entry.key).entries.withLock { $0[entry.key] = entry }
    }

    func replace(_ index: Int) -> Bool {
        replace(Entry.Key(keys, index))
        return true
    }

    func lookup(_ index: Int) -> UInt64 {
        let key = Entry.Key(keys, index)
        return shard(of: key).entries.withLock { $0[key]?.content } ?? 0
    }

    func hold(_ index: Int, _ wait: () -> Void) {
        shard(of: Entry.Key(keys, index)).entries.withLock { _ in wait() }
    }
}
