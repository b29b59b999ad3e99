import Synchronization
import Testing

@testable import LockFreeMap

@Suite(.deadline)
struct CacheStressTests {
    /// Counts the events of each value in a cell of its own, so that threads which report do not wait for each other.
    private final class Tally: Sendable {
        let cells: [Cell]

        final class Cell: Sendable {
            let events = Atomic(0)
            let entered = Atomic(false)
        }

        init(_ count: Int) {
            cells = (0..<count).map { _ in Cell() }
        }
    }

    @Test(arguments: [2, 3, 4])
    func `under threads each value that came in leaves once, and the weight keeps its bound`(threads: Int) throws {
        let (generator, seed) = PrintedSeed.generator(for: "cache under \(threads) threads")
        let (rounds, capacity, largest) = (20_000, 2_000, 100)
        let tally = Tally(threads * rounds)
        let cache = LockFreeCache<Key16, Page>(capacity: capacity) { _, page, _ in
            tally.cells[page.number].events.add(1, ordering: .relaxed)
        }
        let highest = Gauge()
        withCrew(of: threads) { thread in
            var generator = generator
            for _ in 0...thread { generator = SplitMix64(seed: generator.next()) }
            for round in 0..<rounds {
                let page = Page(thread * rounds + round)
                let key = Key16(.random(in: 0..<300, using: &generator), 0)
                let weight = Int.random(in: 1...largest, using: &generator)
                let cell = tally.cells[page.number]
                switch Int.random(in: 0..<8, using: &generator) {
                case 0, 1, 2:
                    if try! cache.insert(ifAbsent: page, at: key, weight: weight) == nil {
                        cell.entered.store(true, ordering: .relaxed)
                    }
                case 3:
                    try! cache.put(page, at: key, weight: weight)
                    cell.entered.store(true, ordering: .relaxed)
                case 4:
                    guard let there = cache.get(key) else { continue }
                    if case .exchanged = try! cache.compareExchange(key, expected: there, desired: page, weight: weight)
                    {
                        cell.entered.store(true, ordering: .relaxed)
                    }
                case 5: try! cache.remove(key)
                default: _ = cache.withValue(key) { $0.number }
                }
                highest.raise(to: cache.weight)
            }
        }
        #expect(highest.value <= capacity + threads * largest, "seed \(seed)")
        #expect(cache.weight <= capacity, "seed \(seed)")
        try cache.removeAll()
        #expect(cache.count == 0, "seed \(seed)")
        #expect(cache.weight == 0, "seed \(seed)")
        #expect(cache.policy.nodeCount == 0, "seed \(seed)")
        let wrong = tally.cells.indices.filter {
            let cell = tally.cells[$0]
            return cell.events.load(ordering: .relaxed) != (cell.entered.load(ordering: .relaxed) ? 1 : 0)
        }
        #expect(wrong.isEmpty, "seed \(seed): \(wrong.count) values, first \(wrong.prefix(3))")
        let statistics = cache.statistics
        let gone = statistics.removals + statistics.evictions + statistics.expirations
        #expect(statistics.inserts == gone, "seed \(seed): \(statistics)")
        #expect(statistics.evictions > 0)
    }

    @Test
    func `while the holder of the token stands still, the others make room and keep the bound`() throws {
        let capacity = 256
        let log = EventLog()
        let cache = LockFreeCache<Key16, Page>(capacity: capacity) { log.note($1, $2) }
        for number in 0..<1_000 {
            _ = try cache.insert(ifAbsent: Page(number), at: Key16(UInt64(number), 0), weight: 1)
        }
        for number in 0..<1_000 { _ = cache.get(Key16(UInt64(number), 0)) }
        #expect(cache.policy.take())
        var arrived = 0
        for number in 1_000..<3_000 {
            let key = Key16(UInt64(number), 0)
            _ = try cache.insert(ifAbsent: Page(number), at: key, weight: 1)
            #expect(cache.weight <= capacity)
            if cache.get(key) != nil { arrived += 1 }
        }
        #expect(arrived == 2_000, "no value is given up where others can go")
        cache.policy.giveBack()
        try cache.removeAll()
        #expect(cache.weight == 0)
        #expect(cache.policy.nodeCount == 0)
        #expect(log.all.count == 3_000)
        #expect(log.all.values.allSatisfy { $0.count == 1 })
    }

    @Test
    func `where there is nothing else to evict, the new value goes`() throws {
        let log = EventLog()
        let cache = LockFreeCache<Key16, Page>(capacity: 100) { log.note($1, $2) }
        // What another thread has reserved and not yet put in.
        cache.counters.addWeight(60)
        #expect(try cache.insert(ifAbsent: Page(1), at: Key16(1, 1), weight: 50) == nil)
        #expect(log.all == [1: [.evicted]])
        #expect(cache.get(Key16(1, 1)) == nil)
        #expect(cache.weight == 60)
        #expect(cache.statistics.inserts == 1)
        #expect(cache.statistics.evictions == 1)
        #expect(cache.statistics.evictedWeight == 50)
    }

    @Test
    func `a value that cannot grow is removed with its old version`() throws {
        let log = EventLog()
        let cache = LockFreeCache<Key16, Page>(capacity: 100) { log.note($1, $2) }
        let (key, old, new) = (Key16(1, 1), Page(1), Page(2))
        #expect(try cache.insert(ifAbsent: old, at: key, weight: 10) == nil)
        for _ in 0..<3 { #expect(cache.get(key) === old) }
        cache.counters.addWeight(60)
        // The policy evicts the old value, which is not enough; or it runs late, and the new value is evicted.
        let result = try cache.compareExchange(key, expected: old, desired: new, weight: 80)
        #expect(cache.get(key) == nil)
        #expect(cache.weight == 60)
        switch result {
        case .absent: #expect(log.all == [1: [.evicted]])
        case .exchanged: #expect(log.all == [1: [.replaced], 2: [.evicted]])
        case .conflict: #expect(Bool(false), "no other thread wrote")
        }
    }

    @Test
    func `what expires while threads read and write leaves once`() throws {
        let (threads, rounds) = (3, 5_000)
        let time = HandClock()
        let tally = Tally(threads * rounds)
        let cache = LockFreeCache<Key16, Page>(capacity: 1 << 20, idle: .seconds(4), clock: CoarseClock(time)) {
            _,
            page,
            _ in
            tally.cells[page.number].events.add(1, ordering: .relaxed)
        }
        withCrew(of: threads) { thread in
            for round in 0..<rounds {
                let page = Page(thread * rounds + round)
                let key = Key16(UInt64(round % 97), 0)
                if try! cache.insert(ifAbsent: page, at: key, weight: 1) == nil {
                    tally.cells[page.number].entered.store(true, ordering: .relaxed)
                }
                _ = cache.get(Key16(UInt64(round % 31), 0))
                if round % 16 == 0 { time.advance(by: .seconds(1)) }
                if round % 8 == 0 { cache.expireDue() }
            }
        }
        time.advance(by: .seconds(5))
        while cache.expireDue() {}
        time.advance(by: .seconds(1))
        while cache.expireDue() {}
        #expect(cache.count == 0)
        #expect(cache.weight == 0)
        let wrong = tally.cells.indices.filter {
            let cell = tally.cells[$0]
            return cell.events.load(ordering: .relaxed) != (cell.entered.load(ordering: .relaxed) ? 1 : 0)
        }
        #expect(wrong.isEmpty)
        #expect(cache.statistics.expirations == cache.statistics.inserts)
        #expect(cache.statistics.expirations > 97)
    }
}
