import Foundation
import Testing

@testable import LockFreeMap

@Suite(.deadline)
struct EpochDomainTests {
    @Test
    func `what is removed is released when nobody is pinned`() throws {
        let domain = EpochDomain()
        let census = Census()
        let map = LockFreeMap<Item16>(domain: domain)
        _ = try map.insert(ifAbsent: Item16(Key16(1), 1, weight: 1 << 20, census: census))
        try domain.pinned {
            _ = try map.remove(Key16(1))
            domain.flush()
            #expect(census.living == 1)
            #expect(domain.limboBytes >= 1 << 20)
        }
        domain.flush()
        #expect(census.living == 0)
        #expect(domain.limboBytes == 0)
    }

    @Test
    func `pins nest`() throws {
        let domain = EpochDomain()
        let census = Census()
        let map = LockFreeMap<Item16>(domain: domain)
        _ = try map.insert(ifAbsent: Item16(Key16(1), 1, census: census))
        let value = map.withValue(Key16(1)) { outer -> Int in
            // The inner pins end first; the outer one still holds.
            for number in 2..<100 { _ = map.withValue(Key16(number)) { $0.value } }
            _ = map.get(Key16(1))
            _ = try? map.remove(Key16(1))
            domain.flush()
            #expect(outer.isAlive)
            #expect(census.living == 1)
            return outer.value
        }
        #expect(value == 1)
        domain.flush()
        #expect(census.living == 0)
    }

    @Test
    func `what a closure keeps of an entry lives on`() throws {
        let domain = EpochDomain()
        let census = Census()
        let map = LockFreeMap<Item16>(domain: domain)
        _ = try map.insert(ifAbsent: Item16(Key16(1), 1, census: census))
        var kept = map.withValue(Key16(1)) { $0 }
        _ = try map.remove(Key16(1))
        domain.flush()
        #expect(kept?.isAlive == true)
        #expect(census.living == 1)
        kept = nil
        #expect(census.living == 0)
    }

    @Test
    func `a reader that stands still stops writers at the limit and no readers`() throws {
        let domain = EpochDomain(limit: 1 << 20)
        let census = Census()
        let map = LockFreeMap<Item16>(domain: domain)
        _ = try map.insert(ifAbsent: Item16(Key16(-1), -1))
        let (entered, leave, left) = (
            DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)
        )
        Thread.detachNewThread {
            _ = map.withValue(Key16(-1)) { _ in
                entered.signal()
                leave.wait()
            }
            left.signal()
        }
        entered.wait()
        var refused: LockFreeMapError?
        var written = 0
        while refused == nil, written < 1_000 {
            do throws(LockFreeMapError) {
                _ = try map.insert(ifAbsent: Item16(Key16(written), written, weight: 64 << 10, census: census))
                _ = try map.remove(Key16(written))
                written += 1
            } catch {
                refused = error
            }
        }
        #expect(refused == .reclamationStalled)
        #expect(domain.limboBytes >= 1 << 20)
        #expect(domain.limboBytes <= 2 << 20)
        #expect(map.withValue(Key16(-1)) { $0.value } == -1)
        leave.signal()
        left.wait()
        #expect(try map.insert(ifAbsent: Item16(Key16(-2), -2)) == nil)
        domain.flush()
        #expect(domain.limboBytes == 0)
        #expect(census.living <= 1)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a writer at the limit waits for a reader that goes on`() throws {
        let domain = EpochDomain(limit: 1 << 20, patience: 60_000)
        let map = LockFreeMap<Item16>(domain: domain)
        _ = try map.insert(ifAbsent: Item16(Key16(-1), -1))
        let entered = DispatchSemaphore(value: 0)
        // The reader stands still until a writer has come to the limit, and longer than it takes to be refused.
        Thread.detachNewThread {
            _ = map.withValue(Key16(-1)) { _ in
                entered.signal()
                while domain.limboBytes <= 1 << 20 { Thread.sleep(forTimeInterval: 0.001) }
                Thread.sleep(forTimeInterval: 0.02)
            }
        }
        entered.wait()
        for number in 0..<200 {
            _ = try map.insert(ifAbsent: Item16(Key16(number), number, weight: 64 << 10))
            _ = try map.remove(Key16(number))
        }
        domain.flush()
        #expect(domain.limboBytes == 0)
    }

    @Test
    func `what ended threads left is released by others`() throws {
        let domain = EpochDomain()
        let census = Census()
        let map = LockFreeMap<Item16>(domain: domain)
        for round in 0..<20 {
            withCrew(of: 3) { member in
                let key = Key16(round * 10 + member)
                _ = try! map.insert(ifAbsent: Item16(key, 1, census: census))
                _ = try! map.remove(key)
            }
        }
        domain.flush()
        #expect(census.made == 60)
        #expect(census.living == 0)
        // A thread that begins takes the record of one that has ended.
        #expect(domain.threads <= 8)
    }

    @Test
    func `a reader that leaves releases what it kept, although nobody writes any more`() throws {
        let domain = EpochDomain()
        let census = Census()
        let map = LockFreeMap<Item16>(domain: domain)
        let readers = (0..<2).map { _ in HeldReader(domain) }
        for key in 0..<10_000 {
            _ = try map.insert(ifAbsent: Item16(Key16(key), key, census: census))
            _ = try map.remove(Key16(key))
        }
        #expect(census.living == 10_000)
        readers[0].leave()
        readers[1].leave()
        #expect(census.living == 0)
    }

    @Test
    func `limbo counts what an entry frees, and not what its successor shares`() throws {
        let domain = EpochDomain()
        let map = LockFreeMap<Version>(domain: domain)
        _ = try map.insert(ifAbsent: Version())
        try domain.pinned {
            try map.update(Key16(1)) { _ in Version() }
            let replaced = domain.limboBytes
            _ = try map.remove(Key16(1))
            #expect(replaced < 1 << 20)
            #expect(domain.limboBytes >= 1 << 20)
        }
        domain.flush()
        #expect(domain.limboBytes == 0)
    }

    @Test
    func `a thread that is marked outside a pin is seen at its next one`() throws {
        let domain = EpochDomain()
        let census = Census()
        let map = LockFreeMap<Item16>(domain: domain)
        _ = try map.insert(ifAbsent: Item16(Key16(1), 1, census: census))
        domain.record().askForRelease()
        try domain.pinned {
            _ = try map.remove(Key16(1))
            domain.flush()
            #expect(census.living == 1)
        }
        #expect(census.living == 0)
    }

    @Test
    func `a backlog that a thread left behind is released by the writes of another one`() throws {
        let domain = EpochDomain()
        let census = Census()
        let map = LockFreeMap<Item16>(domain: domain)
        let reader = HeldReader(domain)
        withCrew(of: 1) { _ in
            for key in 0..<1_500 {
                _ = try! map.insert(ifAbsent: Item16(Key16(key), key, census: census))
                _ = try! map.remove(Key16(key))
            }
        }
        reader.leave()
        #expect(census.living == 1_500)
        for round in 0..<1_000 {
            _ = try map.insert(ifAbsent: Item16(Key16(1), round))
            _ = try map.remove(Key16(1))
        }
        #expect(census.living == 0)
    }

    @Test
    func `a table that insertions have outgrown is released by the insertions that follow`() throws {
        let domain = EpochDomain()
        let map = LockFreeMap<Item16>(domain: domain)
        var key = 0
        while map.tableBytes < 1 << 20 || map.isMigrating {
            _ = try map.insert(ifAbsent: Item16(Key16(key), key))
            key += 1
        }
        let reader = HeldReader(domain)
        while map.tableBytes < 2 << 20 || map.isMigrating {
            _ = try map.insert(ifAbsent: Item16(Key16(key), key))
            key += 1
        }
        #expect(domain.limboBytes >= 1 << 20)
        reader.leave()
        for _ in 0..<8 {
            _ = try map.insert(ifAbsent: Item16(Key16(key), key))
            key += 1
        }
        #expect(domain.limboBytes < 64 << 10)
    }

    @Test
    func `an entry whose end calls the map does not stop it`() throws {
        let domain = EpochDomain()
        let map = LockFreeMap<Chain>(domain: domain)
        for number in 0..<300 { _ = try map.insert(ifAbsent: Chain(Key16(number), map)) }
        for number in stride(from: 0, to: 300, by: 2) { _ = try map.remove(Key16(number)) }
        for _ in 0..<4 { domain.flush() }
        #expect(map.count == 0)
        #expect(domain.limboBytes == 0)
    }
}

/// An entry that takes its neighbour out of the map when it ends.
private final class Chain: MapEntry {
    let key: Key16
    var weight: Int { 1 }
    private let map: LockFreeMap<Chain>

    init(_ key: Key16, _ map: LockFreeMap<Chain>) {
        self.key = key
        self.map = map
    }

    deinit { _ = try? map.remove(Key16(Int(key.first) + 1)) }
}

/// An entry whose bytes go over to its successor.
private final class Version: MapEntry {
    var key: Key16 { Key16(1) }
    var weight: Int { 64 }

    func limboWeight(replacedBy successor: Version?) -> Int { successor == nil ? 1 << 20 : weight }
}

/// A thread that stands still in a pin until it is told to leave.
private final class HeldReader: Sendable {
    private let entered = DispatchSemaphore(value: 0)
    private let mayLeave = DispatchSemaphore(value: 0)
    private let left = DispatchSemaphore(value: 0)

    init(_ domain: EpochDomain) {
        Thread.detachNewThread { [self] in
            domain.pinned {
                entered.signal()
                mayLeave.wait()
            }
            left.signal()
        }
        entered.wait()
    }

    func leave() {
        mayLeave.signal()
        left.wait()
    }
}
