import LockFreeMap
import Testing

/// Random operations on the map and on a dictionary: both must say the same.
@Suite(.deadline)
struct DifferentialTests {
    @Test(arguments: 0..<12)
    func `the map does what a dictionary does`(round: Int) throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var generator = SplitMix64(seed: seed)
        let census = Census()
        let domain = EpochDomain()
        do {
            let map = LockFreeMap<Item16>(domain: domain)
            var model: [Key16: Item16] = [:]
            // From a few keys that come and go all the time to many that are hardly ever seen again.
            let keys = 1 << (3 + round)
            for step in 0..<8_000 {
                let key = Key16(Int.random(in: 0..<keys, using: &generator))
                let item = Item16(key, step, weight: Int.random(in: 0..<100, using: &generator), census: census)
                switch Int.random(in: 0..<8, using: &generator) {
                case 0...2:
                    let other = try map.insert(ifAbsent: item)
                    #expect(other === model[key])
                    if other == nil { model[key] = item }
                case 3:
                    guard let old = model[key] else { continue }
                    guard case .exchanged = try map.compareExchange(expected: old, desired: item) else {
                        Issue.record("the expected entry is not there")
                        continue
                    }
                    model[key] = item
                case 4:
                    let stranger = Item16(key, -1)
                    switch (try map.compareExchange(expected: stranger, desired: item), model[key]) {
                    case (.absent, nil): break
                    case (.conflict(let found), let old?): #expect(found === old)
                    case (let result, let old): Issue.record("\(result) where there is \(String(describing: old))")
                    }
                case 5:
                    #expect(try map.update(key) { $0 === model[key] ? item : nil } == (model[key] != nil))
                    if model[key] != nil { model[key] = item }
                case 6:
                    #expect(try map.remove(key) === model.removeValue(forKey: key))
                default:
                    #expect(map.get(key) === model[key])
                    #expect(map.withValue(key) { $0.value } == model[key]?.value)
                }
            }
            map.checkInvariants()
            #expect(map.count == model.count)
            #expect(map.weight == model.values.reduce(0) { $0 + $1.weight })
            for key in 0..<keys { #expect(map.get(Key16(key)) === model[Key16(key)]) }
            var found: [Key16: Item16] = [:]
            var cursor: MapCursor?
            repeat {
                let page = map.scan(from: cursor, limit: 7)
                for item in page.entries { found[item.key] = item }
                cursor = page.next
            } while cursor != nil
            #expect(found.count == model.count)
            #expect(found.allSatisfy { model[$0.key] === $0.value })
        }
        domain.flush()
        #expect(domain.limboBytes == 0)
        #expect(census.living == 0)
    }

    @Test
    func `keys of bytes are found by their bytes`() throws {
        let map = LockFreeMap<NumberedText>()
        let texts = (0..<3000).map { String(repeating: "k", count: $0 % 90) + "\($0)" }
        for (index, text) in texts.enumerated() {
            #expect(try map.insert(ifAbsent: NumberedText(key: ByteKey(text), number: index)) == nil)
        }
        for (index, text) in texts.enumerated() { #expect(map.withValue(ByteKey(text)) { $0.number } == index) }
        let keys = texts.map { ByteKey($0) } + [ByteKey("nobody's")]
        var seen: [Int?] = []
        map.withValues(keys.span) { index, item in
            #expect(index == seen.count)
            seen.append(item?.number)
        }
        #expect(seen == Array(0..<3000) + [nil])
        map.checkInvariants()
    }

    @Test
    func `a table grows and shrinks with what it holds`() throws {
        let domain = EpochDomain()
        let map = LockFreeMap<Item16>(domain: domain)
        let small = map.capacity
        for key in 0..<50_000 { #expect(try map.insert(ifAbsent: Item16(Key16(key), key)) == nil) }
        #expect(map.capacity >= 50_000)
        #expect(map.capacity <= 50_000 * 4)
        map.checkInvariants()
        for key in 0..<50_000 { #expect(try map.remove(Key16(key)) != nil) }
        // Each write moves a chunk: a few more, and the last migration is done.
        for key in 0..<5_000 {
            _ = try map.insert(ifAbsent: Item16(Key16(key % 8), key))
            _ = try map.remove(Key16(key % 8))
        }
        #expect(map.capacity <= 8 * small)
        #expect(map.count == 0)
        map.checkInvariants()
    }

    @Test
    func `a key that comes and goes does not fill the table`() throws {
        // A domain of its own: in the shared one, the threads of other tests count when room is reckoned.
        let map = LockFreeMap<Item16>(domain: EpochDomain())
        for round in 0..<20_000 {
            #expect(try map.insert(ifAbsent: Item16(Key16(1), round)) == nil)
            #expect(try map.remove(Key16(1)) != nil)
        }
        #expect(map.capacity <= 64)
        for key in 0..<20_000 {
            #expect(try map.insert(ifAbsent: Item16(Key16(key), key)) == nil)
            #expect(try map.remove(Key16(key)) != nil)
        }
        #expect(map.capacity <= 64)
        map.checkInvariants()
    }
}

/// An entry whose key is a text.
private final class NumberedText: MapEntry {
    let key: ByteKey
    let number: Int
    var weight: Int { 1 }

    init(key: ByteKey, number: Int) {
        self.key = key
        self.number = number
    }
}
