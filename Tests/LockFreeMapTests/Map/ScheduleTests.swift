import LockFreeMap
import Testing

/// Fixed schedules, each of which the map survives and one mutant of it does not: the test of the tests.
@Suite(.deadline)
struct ScheduleTests {
    @Test
    func `a reader keeps what it reads from being released`() throws {
        #expect(try releasedUnderReader(Stepped.self) == 0)
        #expect(try releasedUnderReader(WithoutPin.self) == 1)
        #expect(try releasedUnderReader(WithoutWaiting.self) == 1)
        #expect(try releasedUnderReader(WithoutLimbo.self) == 1)
    }

    /// Returns the number of entries that are released while a reader is about to be lent a removed one.
    private func releasedUnderReader<S: MapInstrumentation>(_ steps: S.Type) throws -> Int {
        let domain = EpochDomain()
        let map = LockFreeMap<Item<S>>(domain: domain)
        let census = Census()
        _ = try map.insert(ifAbsent: Item<S>(Key16(1), 1, census: census))
        let reader = SteppedThread { Self.lookUp(Key16(1), in: map) }
        #expect(reader.advance(to: .lend))
        _ = try map.remove(Key16(1))
        for number in 2..<200 {
            _ = try map.insert(ifAbsent: Item<S>(Key16(number), number))
            _ = try map.remove(Key16(number))
        }
        let ended = census.ended
        reader.finish()
        domain.flush()
        #expect(census.living == 0)
        return ended
    }

    /// Looks up a key, and leaves the entry alone: with a mutant it may have been released.
    ///
    /// Generic over the entry, because a closure over `Item<S>` would find `S` through the entry's memory.
    private static func lookUp<Entry: MapEntry>(_ key: Entry.Key, in map: LockFreeMap<Entry>) {
        _ = map.withValue(key) { _ in }
    }

    @Test
    func `of two inserts of a key one finds the other`() throws {
        #expect(try insertsOfOneKey(Stepped.self) == 1)
        #expect(try insertsOfOneKey(WithoutClaimRecheck.self) == 2)
    }

    /// Returns how many of two inserts of one key succeed if the first is held before its claim.
    private func insertsOfOneKey<S: MapInstrumentation>(_ steps: S.Type) throws -> Int {
        let map = LockFreeMap<Item<S>>(domain: EpochDomain())
        let first = Outcome<Item<S>?>()
        let writer = SteppedThread { first.set(try? map.insert(ifAbsent: Item<S>(Key16(1), 1))) }
        #expect(writer.advance(to: .claim))
        let second = try map.insert(ifAbsent: Item<S>(Key16(1), 2))
        writer.finish()
        return [try #require(first.value), second].count { $0 == nil }
    }

    @Test
    func `a reader whose hint is old looks at the word again`() throws {
        #expect(try findsRemovedEntry(Stepped.self) == false)
        #expect(try findsRemovedEntry(WithoutKindRecheck.self) == true)
    }

    /// Returns `true` if a reader that is held after the comparison of tags finds an entry that is removed meanwhile.
    private func findsRemovedEntry<S: MapInstrumentation>(_ steps: S.Type) throws -> Bool {
        let map = LockFreeMap<Item<S>>(domain: EpochDomain())
        _ = try map.insert(ifAbsent: Item<S>(Key16(1), 1))
        let found = Outcome<Bool>()
        let reader = SteppedThread { found.set(map.withValue(Key16(1)) { _ in true } ?? false) }
        #expect(reader.advance(to: .load))
        _ = try map.remove(Key16(1))
        reader.finish()
        return found.value == true
    }

    @Test
    func `a late helper does not bring a removed entry back`() throws {
        #expect(try comesBack(Stepped.self) == false)
        #expect(try comesBack(WithoutTombstoneBar.self) == true)
    }

    /// Returns `true` if an entry is found that was removed from the next table while a helper was about to place it.
    private func comesBack<S: MapInstrumentation>(_ steps: S.Type) throws -> Bool {
        let map = LockFreeMap<Item<S>>(domain: EpochDomain())
        _ = try map.insert(ifAbsent: Item<S>(Key16(1), 1))
        let helper = SteppedThread { map.migrate() }
        #expect(helper.advance(to: .place))
        map.migrate()
        #expect(try map.remove(Key16(1)) != nil)
        // Up to its next step: the entry's memory is kept by the helper's pin.
        #expect(helper.advance(to: .move))
        let isBack = map.withValue(Key16(1)) { _ in } != nil
        // A map that has brought an entry back would release it twice.
        if isBack { _ = unsafe Unmanaged.passRetained(map) }
        helper.finish()
        return isBack
    }

    @Test
    func `what is replaced during a migration is not lost`() throws {
        #expect(try valueAfterReplacement(Stepped.self) == 2)
        #expect(try valueAfterReplacement(WithoutFreeze.self) == 1)
    }

    /// The value of a key that is replaced when a helper has placed the entry in the next table.
    private func valueAfterReplacement<S: MapInstrumentation>(_ steps: S.Type) throws -> Int? {
        let map = LockFreeMap<Item<S>>(domain: EpochDomain())
        let old = Item<S>(Key16(1), 1)
        _ = try map.insert(ifAbsent: old)
        let helper = SteppedThread { map.migrate() }
        #expect(helper.advance(to: .move))
        _ = try map.compareExchange(expected: old, desired: Item<S>(Key16(1), 2))
        let value = map.withValue(Key16(1)) { $0.value }
        if value == 1 { _ = unsafe Unmanaged.passRetained(map) }
        helper.finish()
        return value
    }

    @Test
    func `an update makes its entry of what is there when it takes the place`() throws {
        let domain = EpochDomain()
        let census = Census()
        let map = LockFreeMap<Item<Stepped>>(domain: domain)
        _ = try map.insert(ifAbsent: Item<Stepped>(Key16(1), 1, census: census))
        let writer = SteppedThread {
            try! map.update(Key16(1)) { Item<Stepped>(Key16(1), $0.value * 10, census: census) }
        }
        #expect(writer.advance(to: .exchange))
        // Another one is faster, and the table is migrated under the writer's slot.
        #expect(try map.update(Key16(1)) { Item<Stepped>(Key16(1), $0.value + 1, census: census) })
        #expect(writer.advance(to: .exchange))
        map.migrate()
        writer.finish()
        #expect(map.get(Key16(1))?.value == 20)
        #expect(try map.update(Key16(1)) { _ in nil } == false)
        #expect(try map.update(Key16(2)) { $0 } == false)
        map.checkInvariants()
        domain.flush()
        #expect(census.living == 1)
    }

    @Test
    func `a reader never sees an entry that was replaced in the next table`() throws {
        #expect(try valueWhileMoving(Stepped.self) == 2)
        #expect(try valueWhileMoving(WithoutMark.self) == 1)
    }

    /// The value that is read after a replacement while a helper is about to mark the old slot moved.
    private func valueWhileMoving<S: MapInstrumentation>(_ steps: S.Type) throws -> Int? {
        let map = LockFreeMap<Item<S>>(domain: EpochDomain())
        let old = Item<S>(Key16(1), 1)
        _ = try map.insert(ifAbsent: old)
        let helper = SteppedThread { map.migrate() }
        #expect(helper.advance(to: .move))
        // Up to the end of the exchange: the writer would then help with the chunk.
        let writer = SteppedThread { _ = try! map.compareExchange(expected: old, desired: Item<S>(Key16(1), 2)) }
        #expect(writer.advance(to: .exchange))
        #expect(writer.advance(to: .retire))
        let value = map.withValue(Key16(1)) { $0.value }
        writer.finish()
        helper.finish()
        return value
    }

    @Test
    func `no key goes into a table that has been left`() throws {
        #expect(try isFoundAfterMigration(Stepped.self) == true)
        #expect(try isFoundAfterMigration(WithoutSeal.self) == false)
    }

    /// Returns `true` if a key is found whose insert was held before its claim while the table was migrated.
    private func isFoundAfterMigration<S: MapInstrumentation>(_ steps: S.Type) throws -> Bool {
        let map = LockFreeMap<Item<S>>(domain: EpochDomain())
        let writer = SteppedThread { _ = try? map.insert(ifAbsent: Item<S>(Key16(1), 1)) }
        #expect(writer.advance(to: .claim))
        map.migrate()
        writer.finish()
        return map.get(Key16(1)) != nil
    }
}
