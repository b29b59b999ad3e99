import Foundation
import LockFreeMap
import Synchronization
import Testing

/// Threads at full speed: what must hold whatever the schedule.
@Suite(.deadline)
struct ConcurrencyTests {
    /// The number of operations of each thread; `STATELINE_SOAK` multiplies it.
    private static let operations =
        20_000 * (ProcessInfo.processInfo.environment["STATELINE_SOAK"].flatMap(Int.init) ?? 1)

    @Test(arguments: [4, 64, 4096])
    func `as many entries end as begin, and none is read after its end`(keys: Int) throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        let domain = EpochDomain()
        let census = Census()
        do {
            let map = LockFreeMap<Item16>(domain: domain)
            withCrew(of: 4) { member in
                var generator = SplitMix64(seed: seed &+ UInt64(member))
                for step in 0..<Self.operations {
                    let key = Key16(Int.random(in: 0..<keys, using: &generator))
                    switch Int.random(in: 0..<8, using: &generator) {
                    case 0: _ = try! map.insert(ifAbsent: Item16(key, step, weight: step & 63, census: census))
                    case 1: _ = try! map.remove(key)
                    case 2:
                        if let old = map.get(key) {
                            precondition(old.isAlive && old.key == key)
                            let new = Item16(key, step, weight: step & 63, census: census)
                            _ = try! map.compareExchange(expected: old, desired: new)
                        }
                    case 3 where step % 512 == 0: map.migrate()
                    default:
                        let isAlive = map.withValue(key) { $0.isAlive && $0.key == key }
                        precondition(isAlive != false)
                    }
                }
            }
            map.checkInvariants()
        }
        domain.flush()
        #expect(census.living == 0)
        #expect(domain.limboBytes == 0)
    }

    @Test
    func `keys that stay are found at every moment of a growth`() throws {
        let map = LockFreeMap<Item16>(domain: EpochDomain())
        for key in 0..<100 { _ = try map.insert(ifAbsent: Item16(Key16(key), key)) }
        let isDone = Atomic<Bool>(false)
        let misses = Atomic<Int>(0)
        let pages = Atomic<Int>(0)
        withCrew(of: 3) { member in
            switch member {
            case 0:
                for key in 100..<30_000 { _ = try! map.insert(ifAbsent: Item16(Key16(key), key)) }
                for key in 100..<30_000 { _ = try! map.remove(Key16(key)) }
                isDone.store(true, ordering: .releasing)
            case 1:
                var round = 0
                while !isDone.load(ordering: .acquiring) {
                    if map.withValue(Key16(round % 100), { $0.value }) != round % 100 {
                        misses.add(1, ordering: .relaxed)
                    }
                    round += 1
                }
            default:
                while !isDone.load(ordering: .acquiring) {
                    var seen: Set<Int> = []
                    var cursor: MapCursor?
                    repeat {
                        let page = map.scan(from: cursor, limit: 50)
                        for item in page.entries where item.value < 100 { seen.insert(item.value) }
                        cursor = page.next
                    } while cursor != nil
                    if seen.count != 100 { misses.add(1, ordering: .relaxed) }
                    pages.add(1, ordering: .relaxed)
                }
            }
        }
        #expect(misses.load(ordering: .relaxed) == 0)
        #expect(pages.load(ordering: .relaxed) > 0)
        map.checkInvariants()
    }

    @Test
    func `every increment of a shared counter counts`() throws {
        let map = LockFreeMap<Item16>(domain: EpochDomain())
        _ = try map.insert(ifAbsent: Item16(Key16(1), 0))
        withCrew(of: 4) { _ in
            for _ in 0..<5_000 {
                while true {
                    let old = map.get(Key16(1))!
                    let new = Item16(Key16(1), old.value + 1)
                    if case .exchanged = try! map.compareExchange(expected: old, desired: new) { break }
                }
                try! map.update(Key16(1)) { Item16(Key16(1), $0.value + 1) }
            }
        }
        #expect(map.get(Key16(1))?.value == 40_000)
    }

    @Test
    func `a migration that a thread has left half done is finished by the others`() throws {
        let domain = EpochDomain()
        let map = LockFreeMap<Item<Stepped>>(domain: domain)
        for key in 0..<200 { _ = try map.insert(ifAbsent: Item<Stepped>(Key16(key), key)) }
        let tableBefore = map.tableBytes
        let stalled = SteppedThread { map.migrate() }
        #expect(stalled.advance(to: .place))
        // The thread stands in the middle of its chunk; everybody else goes on.
        for key in 200..<2_000 { #expect(try map.insert(ifAbsent: Item<Stepped>(Key16(key), key)) == nil) }
        #expect(map.tableBytes > tableBefore)
        for key in 0..<2_000 { #expect(map.withValue(Key16(key)) { $0.value } == key) }
        stalled.finish()
        map.checkInvariants()
    }

    @Test
    func `keys that collide take no more memory than others`() throws {
        // With this seed a key whose first word is the seed's has the hash 0, whatever its second word is.
        let map = LockFreeMap<Item16>(domain: EpochDomain(), seed: HashSeed(7, 0, 1, 1))
        let others = LockFreeMap<Item16>(domain: EpochDomain())
        let keys = (0..<3_000).map { Key16(7, UInt64($0)) }
        #expect(Set(keys.map { $0.hash(HashSeed(7, 0, 1, 1)) }).count == 1)
        for (index, key) in keys.enumerated() {
            #expect(try map.insert(ifAbsent: Item16(key, index)) == nil)
            _ = try others.insert(ifAbsent: Item16(key, index))
        }
        #expect(map.tableBytes <= others.tableBytes)
        for (index, key) in keys.enumerated() { #expect(map.withValue(key) { $0.value } == index) }
        // One that is removed hides none of the others, and comes back at its own place.
        #expect(try map.remove(keys[0]) != nil)
        #expect(map.get(keys[0]) == nil)
        #expect(map.get(keys[1]) != nil)
        #expect(try map.insert(ifAbsent: Item16(keys[0], -1)) == nil)
        #expect(map.count == keys.count)
        map.checkInvariants()
        // With the process's secret the same keys have hashes of their own.
        #expect(Set(keys.map { $0.hash(.process) }).count == keys.count)
    }
}
