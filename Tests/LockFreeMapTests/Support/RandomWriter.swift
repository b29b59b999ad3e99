import LockFreeMap

/// Does random operations on a map and writes down what they did, key by key.
struct RandomWriter<S: MapInstrumentation> {
    let map: LockFreeMap<Item<S>>
    let ticket: Ticket
    let census: Census
    let keys: Int
    private var generator: SplitMix64
    private var nextValue: Int
    /// The entry that the writer saw last for each key, which exchanges expect.
    private var seen: [Int: Item<S>] = [:]
    private(set) var histories: [Int: [Operation]] = [:]

    init(_ map: LockFreeMap<Item<S>>, member: Int, seed: UInt64, keys: Int, ticket: Ticket, census: Census) {
        self.map = map
        self.ticket = ticket
        self.census = census
        self.keys = keys
        generator = SplitMix64(seed: seed &+ UInt64(member) &* 0x1234_5678_9ABC_DEF1)
        nextValue = member * 1_000_000
    }

    mutating func act() throws {
        let number = Int.random(in: 0..<keys, using: &generator)
        let choice = Int.random(in: 0..<12, using: &generator)
        nextValue += 1
        let begin = ticket.take()
        let kind = try act(choice, on: number, value: nextValue)
        let end = ticket.take()
        histories[number, default: []].append(Operation(kind: kind, begin: begin, end: end))
    }

    private mutating func act(_ choice: Int, on number: Int, value: Int) throws -> Operation.Kind {
        let key = Key16(number)
        switch choice {
        case 0...2:
            let found = try map.insert(ifAbsent: Item<S>(key, value, census: census))
            seen[number] = found
            return .insert(value, found: found?.value)
        case 3...5:
            guard let expected = seen[number] ?? map.get(key) else { fallthrough }
            switch try map.compareExchange(expected: expected, desired: Item<S>(key, value, census: census)) {
            case .exchanged:
                seen[number] = nil
                return .exchange(expected: expected.value, desired: value, done: true, found: nil)
            case .conflict(let found):
                seen[number] = found
                return .exchange(expected: expected.value, desired: value, done: false, found: found.value)
            case .absent:
                seen[number] = nil
                return .exchange(expected: expected.value, desired: value, done: false, found: nil)
            }
        case 6...7:
            let removed = try map.remove(key)
            seen[number] = nil
            return .remove(removed?.value)
        case 8...9:
            var last: Int?
            let isDone = try map.update(key) {
                last = $0.isAlive ? $0.value : -1
                return Item<S>(key, value, census: census)
            }
            guard isDone, let last else { return .get(nil) }
            return .exchange(expected: last, desired: value, done: true, found: nil)
        case 10:
            return .get(map.withValue(key) { $0.isAlive ? $0.value : -1 })
        default:
            let found = map.get(key)
            seen[number] = found
            return .get(found?.value)
        }
    }
}

extension Dictionary where Key == Int, Value == [Operation] {
    /// The keys whose operations no order explains, with those operations.
    var violations: [String] {
        compactMap { key, operations in
            var history = History()
            for operation in operations.sorted(by: { $0.end < $1.end }) { history.append(operation) }
            return history.isLinearizable ? nil : "key \(key): \(history.operations)"
        }
    }
}
