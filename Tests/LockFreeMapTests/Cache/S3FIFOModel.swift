@testable import LockFreeMap

/// S3-FIFO over plain arrays, as slow as it is plain: what `S3FIFO` has to agree with.
struct S3FIFOModel {
    struct Item {
        let name: Int
        var weight: Int
        var frequency = 0
    }

    let smallTarget: Int
    var small: [Item] = []
    var main: [Item] = []
    /// Names of evicted items with the number of their eviction.
    var ghosts: [Int: Int] = [:]
    var evictions = 0
    var hasEvicted = false

    init(capacity: Int) {
        smallTarget = max(1, capacity / 10)
    }

    var count: Int { small.count + main.count }
    var smallWeight: Int { small.reduce(0) { $0 + $1.weight } }
    var mainWeight: Int { main.reduce(0) { $0 + $1.weight } }
    var names: [Int] { (small + main).map(\.name) }
    /// Nine evicted names for ten residents.
    var window: Int { Int(Double(count) * 0.9) }

    mutating func insert(_ name: Int, weight: Int) {
        let isGhost = ghosts[name].map { evictions - $0 <= window } ?? false
        if isGhost { ghosts[name] = nil }
        if isGhost || (!hasEvicted && smallWeight >= smallTarget) {
            main.append(Item(name: name, weight: weight))
        } else {
            small.append(Item(name: name, weight: weight))
        }
    }

    mutating func change(_ name: Int, _ body: (inout Item) -> Void) {
        if let index = small.firstIndex(where: { $0.name == name }) { body(&small[index]) }
        if let index = main.firstIndex(where: { $0.name == name }) { body(&main[index]) }
    }

    mutating func remove(_ name: Int) {
        small.removeAll { $0.name == name }
        main.removeAll { $0.name == name }
        if count == 0 { hasEvicted = false }
    }

    /// Evicts one item; returns `nil` if there is none.
    mutating func evict() -> Int? {
        let prefersMain = smallWeight < smallTarget
        while count > 0 {
            let fromMain = prefersMain ? !main.isEmpty : small.isEmpty
            var item = fromMain ? main[0] : small[0]
            if fromMain ? item.frequency > 0 : item.frequency >= 2 {
                if fromMain { main.removeFirst() } else { small.removeFirst() }
                item.frequency = fromMain ? min(item.frequency, 3) - 1 : 0
                main.append(item)
                continue
            }
            hasEvicted = true
            remove(item.name)
            if !fromMain {
                ghosts[item.name] = evictions
                evictions += 1
            }
            return item.name
        }
        return nil
    }
}
