import Foundation
import LockFreeMap
import Testing

/// The room that a migration leaves, however many threads come meanwhile and wherever they stand.
@Suite(.deadline)
struct GrowthTests {
    /// The factor by which a long run has more tables.
    private static let factor = ProcessInfo.processInfo.environment["STATELINE_SOAK"] == nil ? 1 : 50
    private static let seed = HashSeed(11, 13, 0x4B33_A62E_D433_D4A3, 0x4D5A_2DA5_1DE1_AA47)

    @Test
    func `new keys of a hundred threads leave room for what a stalled thread has to move`() throws {
        try fillBesideStalledThread(Stepped.self)
    }

    @Test
    func `a map that admits every new key to the next table runs out of room`() async {
        await #expect(processExitsWith: .failure) { try GrowthTests().fillBesideStalledThread(WithoutAdmission.self) }
    }

    /// Has 99 threads bring a new key each to a table of 128 slots, while a thread has yet to move 24 entries to it.
    private func fillBesideStalledThread<S: MapInstrumentation>(_ steps: S.Type) throws {
        let map = LockFreeMap<Item<S>>(minimumCapacity: 48, domain: EpochDomain(), seed: Self.seed)
        #expect(map.capacity == 64)
        for key in 0..<47 { _ = try map.insert(ifAbsent: Item<S>(Key16(key), key)) }
        // Two chunks: a thread stands in each of them.
        let first = SteppedThread { map.migrate() }
        #expect(first.advance(to: .freeze))
        let stalled = SteppedThread { map.migrate() }
        #expect(stalled.advance(to: .freeze))
        // All take the first chunk that is not done, and are in it before one of them is through.
        let others = (100..<199)
            .map { key in SteppedThread { _ = try! map.insert(ifAbsent: Item<S>(Key16(key), key)) } }
        for other in others { #expect(other.advance(to: .freeze)) }
        for other in others { other.advance(to: .claim) }
        for other in others { other.finish() }
        stalled.finish()
        first.finish()
        for key in Array(0..<47) + Array(100..<199) { #expect(map.get(Key16(key))?.value == key) }
        #expect(map.count == 146)
        map.checkInvariants()
    }

    @Test
    func `a table that shrinks has room for the keys of threads that looked before`() throws {
        try shrinkUnderLateClaims(Stepped.self)
    }

    @Test
    func `a map that does not count threads shrinks its table too far`() async {
        await #expect(processExitsWith: .failure) { try GrowthTests().shrinkUnderLateClaims(WithoutThreadCount.self) }
    }

    /// Has 60 threads claim slots of a table that shrinks, because they looked before the migration began, and then
    /// brings more new keys.
    private func shrinkUnderLateClaims<S: MapInstrumentation>(_ steps: S.Type) throws {
        let map = LockFreeMap<Item<S>>(minimumCapacity: 192, domain: EpochDomain(), seed: Self.seed)
        #expect(map.capacity == 256)
        let early = (0..<60)
            .map { key in SteppedThread { _ = try! map.insert(ifAbsent: Item<S>(Key16(key), key)) } }
        for thread in early { #expect(thread.advance(to: .claim)) }
        let helper = SteppedThread { map.migrate() }
        #expect(helper.advance(to: .freeze))
        for thread in early { thread.finish() }
        // Each of these moves a chunk first; the last chunk but one is the helper's.
        for key in 100..<110 { _ = try map.insert(ifAbsent: Item<S>(Key16(key), key)) }
        helper.finish()
        for key in Array(0..<60) + Array(100..<110) { #expect(map.get(Key16(key))?.value == key) }
        map.checkInvariants()
    }

    @Test
    func `tables that a hundred threads grow and shrink stay in order where some of them stand still`() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var generator = SplitMix64(seed: seed)
        for _ in 0..<Self.factor {
            // Threads are counted by the domain: each round begins with none.
            let domain = EpochDomain()
            for _ in 0..<20 { try growAndShrink(LockFreeMap<Item<Stepped>>(domain: domain), using: &generator) }
            domain.flush()
            #expect(domain.limboBytes == 0)
        }
    }

    /// Has 100 threads insert and remove keys of their own, each of them standing still at random steps.
    private func growAndShrink(_ map: LockFreeMap<Item<Stepped>>, using generator: inout SplitMix64) throws {
        let threads = (0..<100)
            .map { thread in
                SteppedThread {
                    for round in 0..<2 {
                        let keys = (thread * 4..<thread * 4 + 3 + round).map { Key16($0) }
                        for key in keys {
                            precondition(try! map.insert(ifAbsent: Item<Stepped>(key, thread)) == nil)
                        }
                        for key in keys { precondition(map.withValue(key) { $0.value } == thread) }
                        if round == 1, thread % 16 == 0 { return }
                        for key in keys { precondition(try! map.remove(key) != nil) }
                    }
                }
            }
        let steps: [SchedulingPoint] = [.claim, .freeze, .place, .move, .begin, .promote, .remove]
        for thread in threads where Bool.random(using: &generator) {
            thread.advance(to: steps.randomElement(using: &generator)!)
        }
        var living = threads
        while let thread = living.randomElement(using: &generator) {
            if Int.random(in: 0..<4, using: &generator) == 0 {
                thread.finish()
            } else {
                thread.advance(to: steps.randomElement(using: &generator)!)
            }
            living.removeAll { $0.hasEnded }
        }
        map.checkInvariants()
        #expect(map.count == 7 * 4)
    }
}
