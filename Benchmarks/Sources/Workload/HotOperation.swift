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
    /// Encoding it encrypted.
    case sealBatch = "encode a turn's batch, encrypted"
    /// Decoding it encrypted.
    case openBatch = "decode a turn's batch, encrypted"
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
    /// A whole answer of 1 MB that comes in pieces of 7 bytes, from its bytes to its entries.
    case plainAnswer1 = "parse an answer of 1 MB"
    /// The same of 5 MB.
    case plainAnswer5 = "parse an answer of 5 MB"
    /// The same of 10 MB.
    case plainAnswer10 = "parse an answer of 10 MB"
    /// An answer of 1 MB that is streamed in events, and comes in pieces of 7 bytes.
    case streamedAnswer1 = "parse a streamed answer of 1 MB"
    /// The same of 5 MB.
    case streamedAnswer5 = "parse a streamed answer of 5 MB"
    /// The same of 10 MB.
    case streamedAnswer10 = "parse a streamed answer of 10 MB"

    /// The long answer that it parses; `nil` if it does not.
    package var longAnswer: LongAnswer? {
        switch self {
        case .plainAnswer1: LongAnswer(megabytes: 1, isStreamed: false)
        case .plainAnswer5: LongAnswer(megabytes: 5, isStreamed: false)
        case .plainAnswer10: LongAnswer(megabytes: 10, isStreamed: false)
        case .streamedAnswer1: LongAnswer(megabytes: 1, isStreamed: true)
        case .streamedAnswer5: LongAnswer(megabytes: 5, isStreamed: true)
        case .streamedAnswer10: LongAnswer(megabytes: 10, isStreamed: true)
        default: nil
        }
    }

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
        case .encodeBatch, .decodeBatch, .sealBatch, .openBatch, .memoryAppend, .redisCommand: (16, 80)
        case .memoryLoad, .redisReply, .metrics: (64, 576)
        case .mapGet, .mapReplace, .mapInsert, .cacheHit: (16_384, 65_536)
        case .plainAnswer1, .plainAnswer5, .plainAnswer10, .streamedAnswer1, .streamedAnswer5, .streamedAnswer10: (1, 2)
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
