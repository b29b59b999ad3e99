/// The keys of cells that share their tables.
struct Dataset: Hashable {
    /// The number of keys.
    let count: Int
    /// The bytes of a key: 16 or 36.
    let keyBytes: Int
    /// `true` if the tables hold all keys from the beginning; otherwise they are small and empty, or a cache.
    let isFilled: Bool

    static let thousand = Dataset(count: 1 << 10, keyBytes: 16, isFilled: true)
    static let middle = Dataset(count: 64 << 10, keyBytes: 16, isFilled: true)
    static let million = Dataset(count: 1 << 20, keyBytes: 16, isFilled: true)
    static let middleLong = Dataset(count: 64 << 10, keyBytes: 36, isFilled: true)
    static let millionLong = Dataset(count: 1 << 20, keyBytes: 36, isFilled: true)
    /// The keys of growing tables.
    static let growing = Dataset(count: 1 << 20, keyBytes: 16, isFilled: false)
    /// The keys that pass through a cache of ``cacheCapacity`` entries.
    static let passing = Dataset(count: 1 << 21, keyBytes: 16, isFilled: false)

    /// The maximum number of entries of a cache.
    static let cacheCapacity = 64 << 10

    /// The size as cells name it.
    var name: String { count >= 1 << 20 ? "\(count >> 20)M/\(keyBytes)B" : "\(count >> 10)K/\(keyBytes)B" }

    /// The words of a key in a file.
    var width: Int { keyBytes == 16 ? 2 : 5 }
}

/// A distribution of keys.
enum Distribution: String {
    /// Zipf's distribution with exponent 0.99, over keys in random order.
    case zipf
    case uniform
    /// One key.
    case hot
    /// Each key once, in their order.
    case once
}

/// One measured case, for all peers that support it.
struct Cell: Hashable {
    /// The measured operation.
    enum Work: Hashable {
        /// Look-ups that borrow.
        case read
        /// Look-ups, with a percentage of writes among them.
        case mixed(writes: Int)
        /// Look-ups in batches of 16.
        case batch
        /// Look-ups that take a reference.
        case strong
        /// Insertions into a full cache.
        case insert
        /// The slowest of a thousand reads while a table grows.
        case growth
        /// The slowest of ten thousand insertions while a table grows, beside reads.
        case growthWrites
        /// The slowest of a thousand reads while values are replaced and one thread is blocked within a read.
        case stalled
        /// The memory that an entry takes.
        case memory
    }

    let work: Work
    let distribution: Distribution
    let dataset: Dataset
    let threads: Int

    init(_ work: Work, _ distribution: Distribution, _ dataset: Dataset, threads: Int = 1) {
        self.work = work
        self.distribution = distribution
        self.dataset = dataset
        self.threads = threads
    }

    /// The name in tables and in the file of limits.
    var name: String {
        switch work {
        case .read where distribution == .hot: "hot-key/\(dataset.name)/\(threads)t"
        case .read: "read/\(distribution)/\(dataset.name)/\(threads)t"
        case .mixed(let writes): "\(100 - writes)-\(writes)/\(distribution)/\(dataset.name)/\(threads)t"
        case .batch: "batch-of-16/\(distribution)/\(dataset.name)/\(threads)t"
        case .strong where distribution == .hot: "hot-key-strong/\(dataset.name)/\(threads)t"
        case .strong: "strong-read/\(distribution)/\(dataset.name)/\(threads)t"
        case .insert: "insert-and-evict/\(Dataset.cacheCapacity >> 10)K/\(dataset.keyBytes)B/\(threads)t"
        case .growth: "p99.9-in-growth/\(dataset.name)"
        case .growthWrites: "p99.99-of-writes-in-growth/\(dataset.name)"
        case .stalled: "p99.9-beside-stalled-reader/\(dataset.name)"
        case .memory: "bytes-per-entry/\(dataset.name)"
        }
    }

    /// The percentage of writes in the stream.
    var writes: Int {
        if case .mixed(let writes) = work { writes } else { 0 }
    }

    /// The contenders, ours first.
    var contenders: [Contender] {
        switch work {
        case .read:
            let peers: [Peer] = [.lfhtMemb, .lfhtQsbr, .hashMap, .java, .sharded]
            return ([.ours] + peers + (dataset.keyBytes == 16 ? [.raw] : [])).map { Contender($0, .borrow) }
        case .mixed:
            return [.ours, .lfhtMemb, .lfhtQsbr, .hashMap, .java, .sharded].map { Contender($0, .mixed) }
        case .batch: return [Contender(.ours, .batch), Contender(.ours, .borrow)]
        case .strong:
            return [.ours, .lfhtMembCounted, .lfhtQsbrCounted, .atomics].map { Contender($0, .strong) }
        case .insert: return [.cache, .caffeine].map { Contender($0, .insert) }
        case .growth, .growthWrites:
            // Without liburcu: its resizing thread sometimes slept for good while a million keys came into 64 chains.
            return [.ours, .hashMap, .java].map { Contender($0, .borrow) }
        case .stalled: return [.ours, .lfhtMemb, .hashMap, .java].map { Contender($0, .borrow) }
        case .memory: return [.ours, .lfhtMemb, .hashMap, .java, .sharded].map { Contender($0, .borrow) }
        }
    }
}

/// A program and its way of reading.
struct Contender: Hashable {
    /// The way of reading: the numbers of `stateline_peer_mode`.
    enum Mode: Int {
        case borrow, strong, batch, mixed, insert
    }

    let peer: Peer
    let mode: Mode

    init(_ peer: Peer, _ mode: Mode) {
        self.peer = peer
        self.mode = mode
    }
}
