import Foundation
import LockFreeMap
import Testing

/// Random operations of several threads on a tiny map that is migrated all the time, key by key.
@Suite(.deadline)
struct LinearizabilityTests {
    /// The factor by which a long run has more rounds.
    private static let factor = ProcessInfo.processInfo.environment["STATELINE_SOAK"].flatMap(Int.init) ?? 1

    @Test
    func `the checker tells a history that no order explains`() {
        var good = History()
        good.append(Operation(kind: .insert(1, found: nil), begin: 1, end: 4))
        good.append(Operation(kind: .get(1), begin: 2, end: 3))
        good.append(Operation(kind: .remove(1), begin: 5, end: 6))
        #expect(good.isLinearizable)
        var bad = good
        bad.append(Operation(kind: .get(1), begin: 7, end: 8))
        #expect(!bad.isLinearizable)
        var lost = History()
        lost.append(Operation(kind: .insert(1, found: nil), begin: 1, end: 2))
        lost.append(Operation(kind: .insert(2, found: nil), begin: 3, end: 4))
        #expect(!lost.isLinearizable)
    }

    @Test(arguments: 2...4)
    func `histories of threads at full speed are linearizable`(threads: Int) throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        for round in 0..<UInt64(200 * Self.factor) {
            let domain = EpochDomain()
            let census = Census()
            try run(threads, seed: seed &+ round, domain, census)
            domain.flush()
            #expect(census.living == 0)
        }
    }

    private func run(_ threads: Int, seed: UInt64, _ domain: EpochDomain, _ census: Census) throws {
        let map = LockFreeMap<Item<Uninstrumented>>(domain: domain)
        let ticket = Ticket()
        let histories = Guarded<[Int: [Operation]]>([:])
        withCrew(of: threads) { member in
            var writer = RandomWriter(map, member: member, seed: seed, keys: 24, ticket: ticket, census: census)
            for step in 0..<480 / threads {
                if step % 8 == 7 { map.migrate() }
                try! writer.act()
            }
            let found = writer.histories
            histories.withLock { $0.merge(found) { $0 + $1 } }
        }
        let violations = histories.withLock { $0.violations }
        #expect(violations.isEmpty, "seed \(seed)")
        map.checkInvariants()
    }

    @Test(arguments: 2...3)
    func `histories of threads in random schedules are linearizable`(threads: Int) throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        for round in 0..<UInt64(400 * Self.factor) {
            let violations = try schedule(Stepped.self, threads, seed: seed &+ round)
            #expect(violations.isEmpty, "seed \(seed &+ round)")
            guard violations.isEmpty else { return }
        }
    }

    @Test
    func `random schedules notice what a mutant leaves out`() throws {
        // The mutants that read what has been released are left to the fixed schedules: here they would crash.
        func isNoticed<S: MapInstrumentation>(_ steps: S.Type) throws -> Bool {
            for seed in 0..<UInt64(3_000) where try !schedule(steps, 3, seed: seed).isEmpty { return true }
            return false
        }
        #expect(try isNoticed(WithoutClaimRecheck.self))
        #expect(try isNoticed(WithoutSeal.self))
    }

    /// Runs one random schedule, step by step, and returns what no order explains.
    private func schedule<S: MapInstrumentation>(_ steps: S.Type, _ threads: Int, seed: UInt64) throws -> [String] {
        let domain = EpochDomain()
        let census = Census()
        let map = LockFreeMap<Item<S>>(domain: domain)
        let ticket = Ticket()
        let histories = Guarded<[Int: [Operation]]>([:])
        let performers = (0..<threads)
            .map { member in
                SteppedThread {
                    var writer = RandomWriter(map, member: member, seed: seed, keys: 2, ticket: ticket, census: census)
                    for step in 0..<6 {
                        if step % 3 == member % 3 { map.migrate() }
                        try! writer.act()
                    }
                    let found = writer.histories
                    histories.withLock { $0.merge(found) { $0 + $1 } }
                }
            }
        var generator = SplitMix64(seed: seed)
        var living = performers
        // Few changes of thread, as most faults need few (S. Burckhardt et al., 2010), at random steps.
        while let performer = living.randomElement(using: &generator) {
            for _ in 0..<Int.random(in: 1...12, using: &generator) where performer.advance() == nil { break }
            living.removeAll { $0.hasEnded }
        }
        let violations = histories.withLock { $0.violations }
        if S.mutation == nil {
            map.checkInvariants()
        } else {
            _ = unsafe Unmanaged.passRetained(map)
        }
        return violations
    }
}
