/// An operation of a hot path, whose instructions are counted.
package enum HotOperation: String, CaseIterable, Sendable {
    /// A turn of 1 KiB each way, from checkout to commit, in a store in memory without its cache.
    case turnEarly = "turn at 10 entries"
    /// The same at the end of a long session.
    case turnLate = "turn at 10,000 entries"
    /// A turn as it is by default in a store in memory: with the store's cache.
    case turnCached = "turn at 10 entries, with the store's cache"
    /// The checkout of a turn and the projection of its request.
    case projectEarly = "project at 10 entries"
    /// The same at the end of a long session.
    case projectLate = "project at 10,000 entries"
    /// An answer of 1 KiB, from its bytes to its entries.
    case parseAnswer = "parse an answer of 1 KiB"
    /// Encoding the batch of a turn of 1 KiB each way, its digest included.
    case encodeBatch = "encode a turn's batch"
    /// Decoding it.
    case decodeBatch = "decode a turn's batch"
    /// Appending it to a store in memory.
    case memoryAppend = "append a turn in memory"
    /// Reading the newest batch of a session from a store in memory.
    case memoryLoad = "load the newest turn in memory"
    /// Looking up a key of 16 bytes in a map of 16,384.
    case mapGet = "map: get"
    /// Replacing a key's entry in it.
    case mapReplace = "map: replace"
    /// Inserting a new key, and removing it.
    case mapInsert = "map: insert and remove"
    /// A hit of a cache of 16,384 entries.
    case cacheHit = "cache: hit"
    /// Encoding the command that commits a turn to Redis.
    case redisCommand = "encode a commit for Redis"
    /// Parsing a reply of 1 KiB from Redis.
    case redisReply = "parse a reply of 1 KiB from Redis"
    /// Counting a turn for swift-metrics.
    case metrics = "count a turn's metrics"

    /// The number of entries of its session; `nil` if it needs no session.
    package var entries: Int? {
        switch self {
        case .turnEarly, .turnCached, .projectEarly: 10
        case .turnLate, .projectLate: Self.late
        default: nil
        }
    }

    /// `true` if its session takes seconds to build.
    package var isLate: Bool { entries == Self.late }

    private static let late = 10_000

    /// The numbers of repetitions in the short and in the long run, in units of ``operationsInRun``.
    package var runs: (short: Int, long: Int) {
        switch self {
        case .turnEarly, .turnLate, .turnCached: (2, 18)
        case .projectEarly, .projectLate, .parseAnswer: (8, 72)
        case .encodeBatch, .decodeBatch, .memoryAppend, .redisCommand: (16, 80)
        case .memoryLoad, .redisReply, .metrics: (64, 576)
        case .mapGet, .mapReplace, .mapInsert, .cacheHit: (16_384, 65_536)
        }
    }

    /// The number of operations in one repetition: a turn runs on each of that many forks.
    package var operationsInRun: Int {
        switch self {
        case .turnEarly, .turnLate, .turnCached: FlatWorkload.forkCount
        default: 1
        }
    }
}
