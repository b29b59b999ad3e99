/// Holds the table that is open.
final class Server {
    private let kind: String
    private(set) var table = AnyTable()

    init(kind: String) {
        self.kind = kind
    }

    /// Replaces the table, after it has released the former one.
    func open(_ keys: StreamKeys, fill: Bool, capacity: Int) {
        table = AnyTable()
        switch (kind, keys.width) {
        case ("ours", 2): table = AnyTable(MapTable<ShortEntry>(keys, fill: fill))
        case ("ours", _): table = AnyTable(MapTable<LongEntry>(keys, fill: fill))
        case ("cache", _): table = AnyTable(CacheTable(keys, capacity: capacity))
        case ("sharded", 2): table = AnyTable(ShardedTable<ShortEntry>(keys, fill: fill))
        case ("sharded", _): table = AnyTable(ShardedTable<LongEntry>(keys, fill: fill))
        case ("atomics", _): table = AnyTable(AtomicTable(keys))
        case ("raw", _): table = AnyTable(RawTable(keys))
        default: fatalError("no peer is called \(kind)")
        }
    }
}

/// A table, without its type.
///
/// It holds closures, which are made where the type is known. A call through a protocol or an overridable method would
/// reach the unspecialised code, which is many times slower.
struct AnyTable {
    private(set) var openStream: (Int, [Operation]) -> Void = { _, _ in }
    private(set) var run: (StreamWindow) -> UInt64 = { _ in 0 }
    private(set) var insert: (Int) -> Void = { _ in }
    private(set) var replace: (Int) -> Bool = { _ in false }
    private(set) var lookup: (Int) -> UInt64 = { _ in 0 }
    private(set) var hold: (Int, () -> Void) -> Void = { $1() }

    /// Makes an empty placeholder.
    init() {}

    /// Erases a table's type.
    @inline(__always)
    init(_ table: some PeerTable) {
        openStream = { table.openStream($0, $1) }
        run = { table.run($0) }
        insert = { table.insert($0) }
        replace = { table.replace($0) }
        lookup = { table.lookup($0) }
        hold = { table.hold($0, $1) }
    }
}
