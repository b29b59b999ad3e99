internal import LockFreeMap
internal import Workload

/// An entry of the map and of the cache.
private final class Item: MapEntry {
    let key: Key16
    let content: UInt64
    var weight: Int { 64 }

    init(key: Key16, content: UInt64) {
        self.key = key
        self.content = content
    }
}

extension HotOperation {
    private static let count = 16_384

    /// Returns pseudo-random keys that are the same in each run.
    private static func keys(_ range: Range<UInt64>) -> [Key16] {
        range.map { Key16($0 &* 0x9E37_79B9_7F4A_7C15, ($0 &+ 1) &* 0xBF58_476D_1CE4_E5B9) }
    }

    /// Prepares a map, with an operation on each of its keys in turn.
    func mapPath() -> HotPath {
        let keys = Self.keys(0..<UInt64(Self.count))
        let others = Self.keys(UInt64(Self.count)..<2 * UInt64(Self.count))
        let seed = HashSeed(0x2D35_8DCC_AA6C_78A5, 0x8BB8_4B93_962E_ACC9, 0x4B33_A62E_D433_D4A3, 0x4D5A_2DA5_1DE1_AA47)
        let map = LockFreeMap<Item>(minimumCapacity: 2 * Self.count, seed: seed)
        for key in keys { must { _ = try map.insert(ifAbsent: Item(key: key, content: key.first)) } }
        let mask = Self.count - 1
        switch self {
        case .mapReplace:
            return { times in
                for index in 0..<times {
                    let key = keys[index & mask]
                    must { keep(try map.update(key) { Item(key: key, content: $0.content) }) }
                }
            }
        case .mapInsert:
            return { times in
                for index in 0..<times {
                    let key = others[index & mask]
                    must {
                        _ = try map.insert(ifAbsent: Item(key: key, content: key.first))
                        _ = try map.remove(key)
                    }
                }
            }
        default:
            return { times in
                var sum: UInt64 = 0
                for index in 0..<times { sum &+= map.withValue(keys[index & mask]) { $0.content } ?? 0 }
                keep(sum)
            }
        }
    }

    /// Prepares a cache, with a hit of each of its keys in turn.
    func cachePath() throws -> HotPath {
        let keys = Self.keys(0..<UInt64(Self.count))
        let cache = LockFreeCache<Key16, Item>(capacity: 4 * 64 * Self.count)
        for key in keys { _ = try cache.insert(ifAbsent: Item(key: key, content: key.first), at: key, weight: 64) }
        let mask = Self.count - 1
        return { times in
            var sum: UInt64 = 0
            for index in 0..<times { sum &+= cache.withValue(keys[index & mask]) { $0.content } ?? 0 }
            keep(sum)
        }
    }
}

/// Runs work that cannot fail here.
private func must(_ work: () throws -> Void) {
    do { try work() } catch { preconditionFailure("a write was refused: \(error)") }
}
