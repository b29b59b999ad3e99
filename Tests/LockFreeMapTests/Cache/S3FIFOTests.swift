import Testing

@testable import LockFreeMap

struct S3FIFOTests {
    /// The policy with what a cache would know of its residents.
    private struct PolicyFixture {
        var policy: S3FIFO<Int>
        var handles: [Int: S3FIFO<Int>.Handle] = [:]
        var frequencies: [Int: UInt8] = [:]

        mutating func insert(_ name: Int, weight: Int) {
            handles[name] = policy.insert(name, weight: weight, fingerprint: UInt32(name))
            frequencies[name] = 0
        }

        mutating func remove(_ name: Int) {
            policy.remove(handles.removeValue(forKey: name)!)
        }

        mutating func evict() -> Int? {
            while let candidate = policy.next() {
                let name = candidate.resident
                switch policy.decision(on: candidate, frequency: frequencies[name]!) {
                case .keep(let frequency):
                    frequencies[name] = frequency
                    policy.keep(candidate)
                case .evict:
                    policy.evict(candidate)
                    handles[name] = nil
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
            var fixture = PolicyFixture(policy: S3FIFO(capacity: capacity))
            var model = S3FIFOModel(capacity: capacity)
            for step in 0..<300 {
                let name = Int.random(in: 1...20, using: &generator)
                let weight = Int.random(in: 1...5, using: &generator)
                switch Int.random(in: 0..<10, using: &generator) {
                case 0..<4 where fixture.handles[name] != nil:
                    fixture.frequencies[name] = min(3, fixture.frequencies[name]! + 1)
                    model.change(name) { $0.frequency = min(3, $0.frequency + 1) }
                case 0..<6 where fixture.handles[name] == nil && model.count < 8:
                    fixture.insert(name, weight: weight)
                    model.insert(name, weight: weight)
                case 6 where fixture.handles[name] != nil:
                    fixture.remove(name)
                    model.remove(name)
                case 7 where fixture.handles[name] != nil:
                    fixture.policy.reweigh(fixture.handles[name]!, weight: weight)
                    model.change(name) { $0.weight = weight }
                case 8, 9:
                    #expect(fixture.evict() == model.evict(), "seed \(seed), round \(round), step \(step)")
                default: break
                }
                #expect(fixture.policy.count == model.count, "seed \(seed), round \(round), step \(step)")
                #expect(fixture.policy.smallWeight == model.smallWeight, "seed \(seed), round \(round), step \(step)")
                #expect(fixture.policy.mainWeight == model.mainWeight, "seed \(seed), round \(round), step \(step)")
            }
            while let name = model.evict() {
                #expect(fixture.evict() == name, "seed \(seed), round \(round), at the end")
            }
            #expect(fixture.evict() == nil)
        }
    }

    @Test
    func `what was read twice survives a scan, what was read once does not`() {
        var fixture = PolicyFixture(policy: S3FIFO(capacity: 100))
        for name in 0..<100 { fixture.insert(name, weight: 1) }
        // The first ten stand in the small queue; the rest filled the main one.
        fixture.frequencies[0] = 2
        fixture.frequencies[1] = 1
        var evicted: [Int] = []
        for name in 1_000..<1_050 {
            evicted.append(fixture.evict()!)
            fixture.insert(name, weight: 1)
        }
        #expect(evicted.first == 1)
        #expect(
            evicted.filter { $0 < 1_000 } == [1, 10] + Array(2..<10),
            "one of the main queue made room for the read one"
        )
        #expect(fixture.handles[0] != nil)
    }

    @Test
    func `what comes back while its ghost is there goes to the main queue`() {
        var fixture = PolicyFixture(policy: S3FIFO(capacity: 20))
        for name in 0..<20 { fixture.insert(name, weight: 1) }
        let ghost = fixture.evict()!
        #expect(fixture.policy.mainWeight == 18)
        fixture.insert(ghost, weight: 1)
        #expect(fixture.policy.mainWeight == 19)
        fixture.insert(500, weight: 1)
        #expect(fixture.policy.mainWeight == 19)
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
