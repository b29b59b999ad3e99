/// What a turn cost, stage by stage, and what crossed.
public struct TurnTrace: Sendable {
    /// What became of the provider's prefix cache: how a request began, compared with the session's previous one.
    public enum PrefixStability: Hashable, Sendable {
        /// There was no previous request that is known here.
        case first
        /// The previous request's transcript is a prefix of this one's.
        case extended
        /// The transcripts differ from this byte of the body on.
        case broken(at: Int)
    }

    /// The time of each stage.
    public internal(set) var stages = StageTimes()
    /// The time of the whole turn, by readings of its own.
    public internal(set) var total: Duration = .zero
    /// The calls that were made, in order.
    public internal(set) var crossings: [Crossing] = []
    /// How often the store was asked.
    ///
    /// The first turn of a handle counts the load that opened it, with its times; the creation of a session counts to
    /// no turn.
    public internal(set) var storeRoundTrips = 0
    /// Bytes of batches that came from the store.
    public internal(set) var storeBytesRead = 0
    /// Bytes sent to the store.
    public internal(set) var storeBytesWritten = 0
    /// Where the snapshot came from that the turn began with.
    public internal(set) var cacheOutcome = CacheOutcome.bypassed
    /// How the first request of the turn began.
    public internal(set) var prefix: PrefixStability = .first
    /// How many entries the turn committed.
    public internal(set) var entriesCommitted = 0

    /// Adds the cost of requests to the store.
    mutating func add(_ cost: StoreCost) {
        storeRoundTrips += cost.roundTrips
        storeBytesRead += cost.bytesRead
        storeBytesWritten += cost.bytesWritten
        if cost.outcome != .bypassed { cacheOutcome = cost.outcome }
    }

    /// The time of one stage.
    public subscript(stage: Stage) -> Duration { stages[stage] }

    /// Bytes of all requests.
    public var requestBytes: Int { crossings.reduce(0) { $0 + $1.requestBytes } }
    /// Bytes of requests that were sent again.
    public var sentAgainBytes: Int { crossings.reduce(0) { $0 + $1.sentAgainBytes } }
    /// Leading bytes of requests that a provider's prefix cache can read; see ``Crossing/prefixBytes``.
    public var prefixBytes: Int { crossings.reduce(0) { $0 + $1.prefixBytes } }
    /// Bytes of requests that were new.
    public var newBytes: Int { crossings.reduce(0) { $0 + $1.newBytes } }
    /// Input tokens that were sent again; `nil` where a provider did not count.
    public var sentAgainTokens: Int? { sum(\.sentAgainTokens) }
    /// Input tokens that were new; `nil` where a provider did not count.
    public var newTokens: Int? { sum(\.newTokens) }

    /// The time in models: connecting, sending, waiting and receiving.
    public var model: Duration { self[.connect] + self[.send] + self[.firstByte] + self[.stream] }
    /// The time in neither models nor tools: what the state layer costs.
    public var overhead: Duration {
        Stage.allCases.reduce(.zero) { sum, stage in
            switch stage {
            case .connect, .send, .firstByte, .stream, .tools: sum
            case .queueWait, .cacheLookup, .storeLoad, .decode, .project, .fold, .encode, .storeCommit:
                sum + self[stage]
            }
        }
    }

    private func sum(_ count: (Crossing) -> Int?) -> Int? {
        crossings.reduce(0) { sum, crossing in
            guard let sum, let count = count(crossing) else { return nil }
            return sum + count
        }
    }
}
