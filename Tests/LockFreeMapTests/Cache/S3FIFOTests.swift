import Testing

@testable import LockFreeMap

struct S3FIFOTests {
    /// The policy with what a cache would know of its residents.
    private struct Bench {
        var policy: S3FIFO<Int>
        var places: [Int: S3FIFO<Int>.Place] = [:]
        var frequencies: [Int: UInt8] = [:]

        mutating func insert(_ name: Int, weight: Int) {
            places[name] = policy.insert(name, weight: weight, fingerprint: UInt32(name))
            frequencies[name] = 0
        }

        mutating func remove(_ name: Int) {
            policy.remove(places.removeValue(forKey: name)!)
        }

        mutating func evict() -> Int? {
            while let candidate = policy.next() {
                let name = candidate.resident
                switch policy.verdict(on: candidate, frequency: frequencies[name]!) {
                case .keep(let frequency):
                    frequencies[name] = frequency
                    policy.keep(candidate)
                case .evict:
                    policy.evict(candidate)
                    places[name] = nil
                    return name
                }
            }
            return nil
        }
    }

    @Test
    func `random residents leave in the order of a plain model`() {
        var (generator, seed) = PrintedSeed.generator(for: "S3-FIFO against a model")
        for round in 0..<200 {
            let capacity = Int.random(in: 1...30, using: &generator)
            var bench = Bench(policy: S3FIFO(capacity: capacity))
            var model = S3FIFOModel(capacity: capacity)
            for step in 0..<300 {
                let name = Int.random(in: 1...20, using: &generator)
                let weight = Int.random(in: 1...5, using: &generator)
                switch Int.random(in: 0..<10, using: &generator) {
                case 0..<4 where bench.places[name] != nil:
                    bench.frequencies[name] = min(3, bench.frequencies[name]! + 1)
                    model.change(name) { $0.frequency = min(3, $0.frequency + 1) }
                case 0..<6 where bench.places[name] == nil && model.count < 8:
                    bench.insert(name, weight: weight)
                    model.insert(name, weight: weight)
                case 6 where bench.places[name] != nil:
                    bench.remove(name)
                    model.remove(name)
                case 7 where bench.places[name] != nil:
                    bench.policy.reweigh(bench.places[name]!, weight: weight)
                    model.change(name) { $0.weight = weight }
                case 8, 9:
                    #expect(bench.evict() == model.evict(), "seed \(seed), round \(round), step \(step)")
                default: break
                }
                #expect(bench.policy.count == model.count, "seed \(seed), round \(round), step \(step)")
                #expect(bench.policy.smallWeight == model.smallWeight, "seed \(seed), round \(round), step \(step)")
                #expect(bench.policy.mainWeight == model.mainWeight, "seed \(seed), round \(round), step \(step)")
            }
            while let name = model.evict() {
                #expect(bench.evict() == name, "seed \(seed), round \(round), at the end")
            }
            #expect(bench.evict() == nil)
        }
    }

    @Test
    func `what was read twice survives a scan, what was read once does not`() {
        var bench = Bench(policy: S3FIFO(capacity: 100))
        for name in 0..<100 { bench.insert(name, weight: 1) }
        // The first ten stand in the small queue; the rest filled the main one.
        bench.frequencies[0] = 2
        bench.frequencies[1] = 1
        var evicted: [Int] = []
        for name in 1_000..<1_050 {
            evicted.append(bench.evict()!)
            bench.insert(name, weight: 1)
        }
        #expect(evicted.first == 1)
        #expect(
            evicted.filter { $0 < 1_000 } == [1, 10] + Array(2..<10),
            "one of the main queue made room for the read one"
        )
        #expect(bench.places[0] != nil)
    }

    @Test
    func `what comes back while its ghost is there goes to the main queue`() {
        var bench = Bench(policy: S3FIFO(capacity: 20))
        for name in 0..<20 { bench.insert(name, weight: 1) }
        let ghost = bench.evict()!
        #expect(bench.policy.mainWeight == 18)
        bench.insert(ghost, weight: 1)
        #expect(bench.policy.mainWeight == 19)
        bench.insert(500, weight: 1)
        #expect(bench.policy.mainWeight == 19)
    }
}

struct GhostTableTests {
    @Test
    func `the last of many evictions are remembered, older ones are not`() {
        let window = 10_000
        var ghosts = GhostTable()
        // A good hash, as fingerprints are: an odd multiplier is a bijection of 32 bits.
        let fingerprints = (1...50_000).map { UInt32(truncatingIfNeeded: $0) &* 0x9E37_79B1 }
        for fingerprint in fingerprints { ghosts.insert(fingerprint, window: window) }
        var found = 0
        for fingerprint in fingerprints.suffix(window) where ghosts.remove(fingerprint, window: window) { found += 1 }
        #expect(found > window * 95 / 100)
        #expect(fingerprints.suffix(window).allSatisfy { !ghosts.remove($0, window: window) })
        #expect(fingerprints.dropLast(window).allSatisfy { !ghosts.remove($0, window: window) })
    }

    @Test
    func `a growing window forgets nothing`() {
        var ghosts = GhostTable()
        let fingerprints = (1...2_000).map { UInt32(truncatingIfNeeded: $0) &* 0x9E37_79B1 }
        for (index, fingerprint) in fingerprints.enumerated() { ghosts.insert(fingerprint, window: index + 1) }
        let found = fingerprints.count { ghosts.remove($0, window: fingerprints.count) }
        #expect(found > fingerprints.count * 95 / 100)
    }
}
