import LockFreeMap
import Testing

struct CacheExpiryTests {
    private let log = EventLog()
    private let time = HandClock()
    private let key = Key16(1, 2)

    private func makeCache(idle: Duration? = nil, absolute: Duration? = nil) -> LockFreeCache<Key16, Page> {
        LockFreeCache(capacity: 2_000, idle: idle, absolute: absolute, clock: CoarseClock(time)) { [log] in
            log.note($1, $2)
        }
    }

    /// Returns `true` if the value is there; reads it in one of the ways only.
    private func isThere(_ cache: LockFreeCache<Key16, Page>, way: Int) -> Bool {
        switch way {
        case 0: cache.get(key) != nil
        case 1: cache.withValue(key) { _ in true } ?? false
        default: cache.touch(key)
        }
    }

    @Test(arguments: 0..<3)
    func `an absolute deadline is kept to the tick, however often the value is read`(way: Int) throws {
        let cache = makeCache(absolute: .seconds(5))
        _ = try cache.insert(ifAbsent: Page(), at: key, weight: 1)
        for _ in 0..<499 {
            time.advance(by: .milliseconds(10))
            #expect(isThere(cache, way: way))
        }
        time.advance(by: .milliseconds(10))
        #expect(!isThere(cache, way: way))
        #expect(cache.count == 1, "nobody took it out yet")
    }

    @Test(arguments: 0..<3)
    func `an idle deadline is kept to the tick where nobody reads`(way: Int) throws {
        for wait in [4_990, 5_000] {
            let cache = makeCache(idle: .seconds(5))
            _ = try cache.insert(ifAbsent: Page(), at: key, weight: 1)
            time.advance(by: .milliseconds(wait))
            #expect(isThere(cache, way: way) == (wait < 5_000))
        }
    }

    @Test
    func `reads move the idle deadline in steps`() throws {
        // A step is an eighth of 10 s here: less than 1.25 s after the last move a read moves nothing.
        let cache = makeCache(idle: .seconds(10))
        _ = try cache.insert(ifAbsent: Page(), at: key, weight: 1)
        time.advance(by: .seconds(1))
        #expect(cache.touch(key))
        time.advance(by: .seconds(9))
        #expect(!cache.touch(key), "one second is a step of 1 s, and not more than it")
        try cache.put(Page(), at: key, weight: 1)
        time.advance(by: .milliseconds(1_010))
        #expect(cache.touch(key))
        time.advance(by: .milliseconds(9_990))
        #expect(cache.touch(key))
        time.advance(by: .milliseconds(9_990))
        #expect(cache.touch(key))
        time.advance(by: .seconds(10))
        #expect(!cache.touch(key))
    }

    @Test
    func `a value that is read for ever dies of its absolute deadline`() throws {
        let cache = makeCache(idle: .seconds(60), absolute: .seconds(600))
        _ = try cache.insert(ifAbsent: Page(), at: key, weight: 1)
        for _ in 0..<19 {
            time.advance(by: .seconds(30))
            #expect(cache.get(key) != nil)
        }
        time.advance(by: .seconds(30))
        #expect(cache.get(key) == nil)
    }

    @Test
    func `a new value has new deadlines`() throws {
        let cache = makeCache(idle: .seconds(5), absolute: .seconds(8))
        try cache.put(Page(1), at: key, weight: 1)
        time.advance(by: .seconds(4))
        try cache.put(Page(2), at: key, weight: 1)
        time.advance(by: .milliseconds(4_990))
        #expect(cache.get(key)?.number == 2)
        time.advance(by: .seconds(3))
        #expect(cache.get(key)?.number == 2)
        time.advance(by: .milliseconds(10))
        #expect(cache.get(key) == nil)
    }

    @Test
    func `what is past its deadline leaves within a second once somebody looks`() throws {
        let cache = makeCache(idle: .seconds(5))
        for number in 0..<200 {
            _ = try cache.insert(ifAbsent: Page(number), at: Key16(UInt64(number), 0), weight: 1)
        }
        time.advance(by: .seconds(4))
        for number in 0..<50 { #expect(cache.touch(Key16(UInt64(number), 0))) }
        while cache.expireDue() {}
        #expect(cache.count == 200)
        time.advance(by: .seconds(1))
        while cache.expireDue() {}
        #expect(cache.count == 50)
        #expect(cache.weight == 50)
        time.advance(by: .seconds(4))
        while cache.expireDue() {}
        #expect(cache.count == 0)
        #expect(log.all.count == 200)
        #expect(log.all.values.allSatisfy { $0 == [.expired] })
        #expect(cache.statistics.expirations == 200)
    }

    @Test(arguments: [30, 300, 5_000])
    func `values that expire leave as fast as others come, without the service`(seconds: Int) throws {
        let cache = LockFreeCache<Key16, Page>(
            capacity: 1 << 40,
            absolute: .seconds(seconds),
            clock: CoarseClock(time),
            domain: EpochDomain()
        )
        let rate = 30_000 / seconds
        for second in 0..<3 * seconds {
            for number in 0..<rate {
                try cache.put(Page(), at: Key16(UInt64(second * rate + number), 0), weight: 1)
            }
            time.advance(by: .seconds(1))
        }
        #expect(cache.count <= rate * seconds * 103 / 100)
        time.advance(by: .seconds(seconds))
        cache.flush()
        #expect(cache.count == 0)
    }

    @Test
    func `replacements take out what expired`() throws {
        let cache = makeCache(absolute: .seconds(5))
        for number in 0..<1_000 { try cache.put(Page(number), at: Key16(UInt64(number), 0), weight: 1) }
        for _ in 0..<7 {
            time.advance(by: .seconds(1))
            for number in 0..<640 { try cache.put(Page(number), at: Key16(UInt64(number), 0), weight: 1) }
        }
        #expect(cache.count == 640)
    }

    @Test
    func `without any traffic the service takes out what expired`() async throws {
        let cache = makeCache(idle: .seconds(30), absolute: .seconds(3_600))
        for number in 0..<1_000 {
            _ = try cache.insert(ifAbsent: Page(number), at: Key16(UInt64(number), 0), weight: 1)
        }
        try await withThrowingTaskGroup { group in
            group.addTask { try await cache.run() }
            await time.waitForSleeper()
            time.advance(by: .milliseconds(29_990))
            await time.waitForSleeper()
            #expect(cache.count == 1_000)
            time.advance(by: .milliseconds(10))
            await time.waitForSleeper()
            #expect(cache.get(Key16(3, 0)) == nil, "a reader's tick is the present one")
            time.advance(by: .seconds(1))
            await time.waitForSleeper()
            #expect(cache.count == 0)
            #expect(cache.weight == 0)
            #expect(log.all.count == 1_000)
            #expect(log.all.values.allSatisfy { $0 == [.expired] })
            group.cancelAll()
            try await group.waitForAll()
        }
        // The service is gone: time goes on for readers all the same.
        _ = try cache.insert(ifAbsent: Page(1), at: key, weight: 1)
        time.advance(by: .seconds(30))
        #expect(cache.get(key) == nil)
    }

    @Test
    func `a driven clock stands between ticks, and is refreshed by reads`() async throws {
        try await withThrowingTaskGroup { group in
            let late = LateClock(base: time)
            let clock = CoarseClock(late)
            group.addTask { try await clock.run() }
            await time.waitForSleeper()
            let driven = LockFreeCache<Key16, Page>(capacity: 10, absolute: .seconds(5), clock: clock)
            _ = try driven.insert(ifAbsent: Page(), at: key, weight: 1)
            // The driver sleeps much too long: the cached tick stands still.
            time.advance(by: .seconds(6))
            var reads = 0
            while driven.get(key) != nil, reads < 200 { reads += 1 }
            #expect(reads <= 64)
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// A clock whose sleepers wake a thousand times too late.
    private struct LateClock: Clock {
        let base: HandClock

        var now: HandClock.Instant { base.now }
        var minimumResolution: Duration { .zero }

        func sleep(until deadline: HandClock.Instant, tolerance: Duration?) async throws {
            try await base.sleep(until: base.now.advanced(by: base.now.duration(to: deadline) * 1_000))
        }
    }
}
