internal import CPeer
internal import LockFreeMap

/// The map.
final class MapTable<Entry: StreamEntry>: PeerTable {
    private let map: LockFreeMap<Entry>
    private let keys: StreamKeys
    private var streams = Streams<Entry.Key>()

    init(_ keys: StreamKeys, fill: Bool) {
        self.keys = keys
        map = LockFreeMap(minimumCapacity: fill ? keys.count : 0)
        guard fill else { return }
        for index in 0..<keys.count { insert(index) }
    }

    func openStream(_ thread: Int, _ operations: [Operation]) {
        streams.open(thread, of: keys, operations)
    }

    func run(_ window: StreamWindow) -> UInt64 {
        let keys = streams.keys[window.thread]
        let operations = streams.operations[window.thread]
        // A span lends its keys in place: none is copied, and no reference is counted.
        let span = keys.span.extracting(window.range)
        switch window.mode {
        case STATELINE_PEER_STRONG: return readStrongly(span)
        case STATELINE_PEER_MIXED: return mix(span, operations.span.extracting(window.range))
        case STATELINE_PEER_BATCH: return readBatches(span)
        default: return read(span)
        }
    }

    private func read(_ keys: Span<Entry.Key>) -> UInt64 {
        var sum: UInt64 = 0
        for index in keys.indices { sum &+= map.withValue(keys[index]) { $0.content } ?? 0 }
        return sum
    }

    private func readStrongly(_ keys: Span<Entry.Key>) -> UInt64 {
        var sum: UInt64 = 0
        for index in keys.indices { sum &+= map.get(keys[index])?.content ?? 0 }
        return sum
    }

    private func readBatches(_ keys: Span<Entry.Key>) -> UInt64 {
        var sum: UInt64 = 0
        for start in stride(from: 0, to: keys.count, by: 16) {
            map.withValues(keys.extracting(start..<min(start + 16, keys.count))) { _, entry in
                sum &+= entry?.content ?? 0
            }
        }
        return sum
    }

    private func mix(_ keys: Span<Entry.Key>, _ operations: Span<Operation>) -> UInt64 {
        var sum: UInt64 = 0
        for index in keys.indices {
            if operations[index].isWrite {
                let isReplaced = replace(keys[index])
                precondition(isReplaced, "nothing stands in the way of a write")
            } else {
                sum &+= map.withValue(keys[index]) { $0.content } ?? 0
            }
        }
        return sum
    }

    /// Replaces a key's entry by a new one, and retries if another thread was first.
    private func replace(_ key: Entry.Key) -> Bool {
        do {
            return try map.update(key) { Entry(key: key, content: $0.content) }
        } catch {
            return false
        }
    }

    func insert(_ index: Int) {
        do {
            _ = try map.insert(ifAbsent: Entry(keys, index))
        } catch {
            fatalError("an insert was refused: \(error)")
        }
    }

    func replace(_ index: Int) -> Bool { replace(Entry.Key(keys, index)) }

    func lookup(_ index: Int) -> UInt64 { map.withValue(Entry.Key(keys, index)) { $0.content } ?? 0 }

    func hold(_ index: Int, _ wait: () -> Void) {
        _ = map.withValue(Entry.Key(keys, index)) { _ in wait() }
    }
}
