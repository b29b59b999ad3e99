import LockFreeMap
import Testing

struct CacheStatisticsTests {
    @Test(arguments: [1, 16, 80])
    func `each read is counted once, by more threads than there are stripes as well`(threads: Int) throws {
        let cache = LockFreeCache<Key16, Page>(capacity: 100)
        _ = try cache.insert(ifAbsent: Page(), at: Key16(1, 1), weight: 1)
        let rounds = 2_000
        // Twice: the second crew has the stripes of the first one.
        for _ in 0..<2 {
            withCrew(of: threads) { _ in
                for round in 0..<rounds {
                    _ = cache.get(Key16(1, 1))
                    if round % 4 == 0 { _ = cache.get(Key16(2, 2)) }
                }
            }
        }
        #expect(cache.statistics.hits == 2 * threads * rounds)
        #expect(cache.statistics.misses == threads * rounds / 2)
        #expect(cache.statistics.inserts == 1)
    }
}
