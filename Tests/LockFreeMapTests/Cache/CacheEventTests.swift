import LockFreeMap
import Testing

struct CacheEventTests {
    private let log = EventLog()
    private let time = HandClock()
    private let key = Key16(1, 2)

    private func makeCache(capacity: Int = 100, absolute: Duration? = nil) -> LockFreeCache<Key16, Page> {
        LockFreeCache(capacity: capacity, absolute: absolute, clock: CoarseClock(time)) { [log] in log.note($1, $2) }
    }

    @Test
    func `each value that leaves says why`() throws {
        let cache = makeCache(absolute: .seconds(10))
        let pages = (0..<6).map { Page($0) }
        #expect(try cache.insert(ifAbsent: pages[0], at: key, weight: 10) == nil)
        guard case .exchanged = try cache.compareExchange(key, expected: pages[0], desired: pages[1], weight: 20)
        else { return #expect(Bool(false), "nobody else wrote") }
        #expect(log.all == [0: [.replaced]])
        guard case .exchanged = try cache.remove(key, expecting: pages[1]) else {
            return #expect(Bool(false), "nobody else wrote")
        }
        #expect(log.all == [0: [.replaced], 1: [.removed]])
        #expect(try cache.put(pages[2], at: key, weight: 30) == nil)
        time.advance(by: .seconds(10))
        #expect(cache.get(key) == nil)
        #expect(log.causes(of: 2) == [], "a read takes nothing out")
        #expect(try cache.put(pages[3], at: key, weight: 80) == nil)
        #expect(log.causes(of: 2) == [.expired])
        #expect(try cache.insert(ifAbsent: pages[4], at: Key16(5, 5), weight: 90) == nil)
        #expect(log.causes(of: 3) == [.evicted])
        #expect(log.causes(of: 4) == [])
        #expect(cache.weight == 90)
        #expect(cache.count == 1)
    }

    @Test
    func `a value that is not the expected one stays, and says nothing`() throws {
        let cache = makeCache()
        let (there, other) = (Page(1), Page(2))
        #expect(try cache.insert(ifAbsent: there, at: key, weight: 1) == nil)
        #expect(try cache.insert(ifAbsent: other, at: key, weight: 1) === there)
        guard case .conflict(let found) = try cache.compareExchange(key, expected: other, desired: Page(3), weight: 1)
        else { return #expect(Bool(false), "the expected value was never there") }
        #expect(found === there)
        guard case .conflict = try cache.remove(key, expecting: other) else {
            return #expect(Bool(false), "the expected value was never there")
        }
        guard case .absent = try cache.remove(Key16(9, 9)) else {
            return #expect(Bool(false), "the key was never there")
        }
        #expect(log.all == [:])
        #expect(cache.get(key) === there)
        #expect(cache.weight == 1)
    }

    @Test
    func `what expired is absent for a writer, and leaves as expired`() throws {
        let cache = makeCache(absolute: .seconds(1))
        let page = Page(1)
        #expect(try cache.insert(ifAbsent: page, at: key, weight: 1) == nil)
        time.advance(by: .seconds(1))
        guard case .absent = try cache.compareExchange(key, expected: page, desired: Page(2), weight: 1) else {
            return #expect(Bool(false), "its time is over")
        }
        #expect(log.all == [1: [.expired]])
        #expect(try cache.insert(ifAbsent: page, at: key, weight: 1) == nil)
        time.advance(by: .seconds(1))
        guard case .absent = try cache.remove(key) else { return #expect(Bool(false), "its time is over") }
        #expect(log.all == [1: [.expired, .expired]])
        #expect(cache.count == 0)
        #expect(cache.weight == 0)
    }

    @Test
    func `removing all tells of each value`() throws {
        let cache = makeCache(capacity: 1_000)
        for number in 0..<300 {
            _ = try cache.insert(ifAbsent: Page(number), at: Key16(UInt64(number), 0), weight: 2)
        }
        try cache.removeAll()
        #expect(cache.count == 0)
        #expect(cache.weight == 0)
        #expect(log.all.count == 300)
        #expect(log.all.values.allSatisfy { $0 == [.removed] })
    }

    @Test
    func `an event's handler may use the cache`() throws {
        let holder = Holder()
        let cache = LockFreeCache<Key16, Page>(capacity: 2) { key, page, cause in
            guard cause == .evicted, page.number < 100 else { return }
            _ = try? holder.cache?.insert(ifAbsent: Page(page.number + 100), at: Key16(7, key.first), weight: 1)
        }
        holder.cache = cache
        for number in 0..<10 { _ = try cache.insert(ifAbsent: Page(number), at: Key16(UInt64(number), 0), weight: 1) }
        holder.cache = nil
        #expect(cache.weight == 2)
        #expect(cache.count == 2)
        #expect(cache.statistics.evictions == cache.statistics.inserts - 2)
        #expect(cache.statistics.inserts > 10)
    }

    /// A cache that its own handler can reach; one thread alone uses it.
    private final class Holder: @unchecked Sendable {
        var cache: LockFreeCache<Key16, Page>?
    }
}
