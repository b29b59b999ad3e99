import LockFreeMap
import Synchronization

/// Counts the items of one test, from their making to their end.
final class Census: Sendable {
    private let inits = Atomic<Int>(0)
    private let deinits = Atomic<Int>(0)

    var living: Int { deinits.load(ordering: .acquiring).distance(to: inits.load(ordering: .acquiring)) }
    var ended: Int { deinits.load(ordering: .acquiring) }
    var made: Int { inits.load(ordering: .acquiring) }

    fileprivate func begin() { inits.add(1, ordering: .acquiringAndReleasing) }
    fileprivate func end() { deinits.add(1, ordering: .acquiringAndReleasing) }
}

/// An entry that is counted, and that shows when it is read after its end.
///
/// The key's type is fixed, so that the key lies at the same offset as in a tombstone's key: a mutant reads one as the
/// other.
final class Item<Instrumentation: MapInstrumentation>: MapEntry {
    let key: Key16
    let value: Int
    let weight: Int
    private let census: Census?
    private let seal = Atomic<UInt64>(Item.alive)

    private static var alive: UInt64 { 0x5EA1_ED00_5EA1_ED00 }

    init(_ key: Key16, _ value: Int, weight: Int = 1, census: Census? = nil) {
        self.key = key
        self.value = value
        self.weight = weight
        self.census = census
        census?.begin()
    }

    deinit {
        seal.store(0xDBDB_DBDB_DBDB_DBDB, ordering: .relaxed)
        census?.end()
    }

    /// `true` while the item's memory has not been released.
    var isAlive: Bool { seal.load(ordering: .relaxed) == Item.alive }
}

/// An item of the map that ships.
typealias Item16 = Item<Uninstrumented>

extension Key16 {
    /// A key for a number.
    init(_ number: Int) { self.init(UInt64(truncatingIfNeeded: number), ~0) }
}
