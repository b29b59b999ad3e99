import Testing

@testable import LockFreeMap

struct CacheWeightTests {
    @Test
    func `what weighs more than the whole cache is refused, and what is there stays`() throws {
        let cache = LockFreeCache<Key16, Page>(capacity: 100)
        let (key, page) = (Key16(1, 1), Page())
        #expect(throws: CacheError.tooLarge(weight: 101, capacity: 100)) {
            try cache.insert(ifAbsent: page, at: key, weight: 101)
        }
        #expect(try cache.insert(ifAbsent: page, at: key, weight: 100) == nil)
        #expect(throws: CacheError.tooLarge(weight: 101, capacity: 100)) {
            try cache.compareExchange(key, expected: page, desired: Page(), weight: 101)
        }
        #expect(cache.get(key) === page)
        #expect(cache.weight == 100)
        #expect(cache.statistics.evictions == 0)
    }

    @Test
    func `every byte that came in is there or went out`() throws {
        var (generator, seed) = PrintedSeed.generator(for: "bytes of a cache")
        for capacity in [10, 100, 1_000, 20_000] {
            let log = EventLog()
            let cache = LockFreeCache<Key16, Page>(capacity: capacity) { log.note($1, $2) }
            var weights: [Int: Int] = [:]
            for number in 0..<5_000 {
                let key = Key16(.random(in: 0..<200, using: &generator), 0)
                let weight = Int.random(in: 0...min(capacity, 200), using: &generator)
                let page = Page(number)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: if try cache.insert(ifAbsent: page, at: key, weight: weight) == nil { weights[number] = weight }
                case 1:
                    try cache.put(page, at: key, weight: weight)
                    weights[number] = weight
                case 2: _ = cache.get(key)
                default: try cache.remove(key)
                }
                #expect(cache.weight <= capacity, "seed \(seed), capacity \(capacity), step \(number)")
            }
            let gone = log.all
            let there = weights.filter { gone[$0.key] == nil }
            #expect(cache.weight == there.values.reduce(0, +), "seed \(seed), capacity \(capacity)")
            #expect(cache.map.weight == cache.weight, "seed \(seed), capacity \(capacity)")
            #expect(cache.count == there.count, "seed \(seed), capacity \(capacity)")
            #expect(gone.values.allSatisfy { $0.count == 1 }, "seed \(seed), capacity \(capacity)")
            let statistics = cache.statistics
            let evicted = gone.filter { $0.value == [.evicted] }.keys
            #expect(statistics.evictions == evicted.count)
            #expect(statistics.evictedWeight == evicted.reduce(0) { $0 + weights[$1]! })
            #expect(statistics.inserts + statistics.replacements == weights.count)
            #expect(statistics.removals == gone.values.count { $0 == [.removed] })
            #expect(statistics.replacements == gone.values.count { $0 == [.replaced] })
        }
    }

    @Test
    func `a value that grows makes room, and stays itself`() throws {
        let cache = LockFreeCache<Key16, Page>(capacity: 10_000)
        for number in 1...100 { _ = try cache.insert(ifAbsent: Page(), at: Key16(UInt64(number), 0), weight: 100) }
        let hot = Key16(100, 0)
        for size in stride(from: 200, through: 9_000, by: 200) {
            #expect(cache.get(hot) != nil)
            #expect(cache.get(hot) != nil)
            try cache.put(Page(size), at: hot, weight: size)
            #expect(cache.weight <= 10_000)
            #expect(cache.get(hot)?.number == size)
        }
        #expect(cache.count <= 11)
    }

    @Test
    func `keys that come and go leave nothing behind`() throws {
        let cache = LockFreeCache<Key16, Page>(capacity: 1_000_000, idle: .seconds(3_600))
        for number in 0..<10_000 {
            _ = try cache.insert(ifAbsent: Page(), at: Key16(UInt64(number), 0), weight: 1)
            try cache.remove(Key16(UInt64(number), 0))
        }
        #expect(cache.count == 0)
        cache.maintain()
        #expect(cache.policy.nodeCount == 0)
        #expect(cache.policy.timerCount == 0)
    }

    @Test
    func `whatever a cache held is released in the end, each value once`() throws {
        let domain = EpochDomain()
        let living = Counter()
        do {
            let cache = LockFreeCache<Key16, Counted>(capacity: 500, idle: .seconds(3_600), domain: domain)
            for number in 0..<5_000 {
                let key = Key16(UInt64(number % 700), 0)
                try cache.put(Counted(living), at: key, weight: 1 + number % 3)
                if number % 5 == 0 { try cache.remove(Key16(UInt64(number % 300), 0)) }
                _ = cache.get(key)
            }
            domain.flush()
            cache.maintain()
            domain.flush()
            #expect(living.value == cache.count)
        }
        domain.flush()
        #expect(living.value == 0)
    }

    /// A value that is counted while it lives.
    private final class Counted: Sendable {
        private let living: Counter

        init(_ living: Counter) {
            self.living = living
            living.add(1)
        }

        deinit { living.add(-1) }
    }
}
