import LockFreeMap
import Testing

/// The memory of the table and of tombstones comes back when entries are removed.
@Suite(.deadline)
struct ShrinkTests {
    private let domain = EpochDomain()

    private func makeMap(holding count: Int) throws -> LockFreeMap<Item<Stepped>> {
        let map = LockFreeMap<Item<Stepped>>(domain: domain)
        for key in 0..<count { _ = try map.insert(ifAbsent: Item<Stepped>(Key16(key), key)) }
        return map
    }

    @Test
    func `removals alone bring the table back`() throws {
        let map = try makeMap(holding: 50_000)
        for key in 0..<50_000 { #expect(try map.remove(Key16(key)) != nil) }
        #expect(map.capacity <= 4_096)
        #expect(map.tombstoneCount <= 4_096)
        map.checkInvariants()
    }

    @Test
    func `a remover whose key has moved helps with what is left to move`() throws {
        let seed = HashSeed(11, 13, 0x4B33_A62E_D433_D4A3, 0x4D5A_2DA5_1DE1_AA47)
        let map = LockFreeMap<Item<Stepped>>(minimumCapacity: 1_500, domain: domain, seed: seed)
        for key in 0..<1_000 { _ = try map.insert(ifAbsent: Item<Stepped>(Key16(key), key)) }
        // The thread that began the migration stands still in the first of 64 chunks; no key to be removed lies there.
        let stalled = SteppedThread { map.migrate() }
        #expect(stalled.advance(to: .freeze))
        for key in 0..<500 where Key16(key).hash(seed) >> 58 > 1 { _ = try map.remove(Key16(key)) }
        #expect(!map.isMigrating)
        stalled.finish()
        map.checkInvariants()
    }

    @Test
    func `tombstones are counted, and purged where they take more than half of the table`() throws {
        let map = try makeMap(holding: 3_000)
        let capacity = map.capacity
        var highest = 0
        for key in 0..<2_700 {
            _ = try map.remove(Key16(key))
            map.checkInvariants(every: 100, at: key)
            highest = max(highest, map.tombstoneCount)
        }
        #expect(map.capacity == capacity)
        #expect(highest > capacity / 4)
        #expect(highest <= capacity / 2 + 64)
        #expect(map.tombstoneCount < 1_500)
        _ = try map.insert(ifAbsent: Item<Stepped>(Key16(2_699), 0))
        map.checkInvariants()
    }

    @Test
    func `a flush finishes a migration that a stalled thread began, and gives back what removals left`() throws {
        let map = try makeMap(holding: 10_000)
        let smallest = LockFreeMap<Item16>(domain: domain).capacity
        for key in 0..<9_000 { _ = try map.remove(Key16(key)) }
        let stalled = SteppedThread { map.migrate() }
        #expect(stalled.advance(to: .place))
        for key in 9_000..<9_990 { _ = try map.remove(Key16(key)) }
        map.flush()
        #expect(!map.isMigrating)
        #expect(map.tombstoneCount * 8 <= map.capacity)
        stalled.finish()
        for key in 9_990..<10_000 { #expect(map.get(Key16(key))?.value == key) }
        map.checkInvariants()
        for key in 9_990..<10_000 { _ = try map.remove(Key16(key)) }
        map.flush()
        #expect(map.capacity <= 4 * smallest)
        #expect(map.tombstoneCount <= map.capacity / 8)
        #expect(domain.limboBytes == 0)
        map.checkInvariants()
    }
}

extension LockFreeMap {
    fileprivate func checkInvariants(every interval: Int, at step: Int) {
        if step % interval == 0 { checkInvariants() }
    }
}
