/// The cost of a turn, stage by stage, and its calls.
public struct TurnTrace: Hashable, Sendable {
    /// The beginning of a request, compared with the session's previous one: the chance of the provider's prefix cache.
    @nonexhaustive
    public enum PrefixStability: Hashable, Sendable {
        /// No previous request is known here.
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
    /// The number of requests to the store.
    ///
    /// The first turn of a handle counts the load that opened it, with its times. No turn counts the creation of a
    /// session.
    public internal(set) var storeRoundTrips = 0
    /// Bytes of batches that came from the store.
    public internal(set) var storeBytesRead = 0
    /// Bytes sent to the store.
    public internal(set) var storeBytesWritten = 0
    /// The source of the snapshot that the turn began with.
    public internal(set) var cacheOutcome = CacheOutcome.bypassed
    /// The beginning of the turn's first request.
    public internal(set) var prefix: PrefixStability = .first
    /// The number of entries that the turn committed.
    public internal(set) var entriesCommitted = 0
    /// The compactions of the session's view, or of the turn's own requests, that the turn made.
    ///
    /// Their calls are in the ledger, and not in ``crossings``.
    public internal(set) var compactions: [Compaction] = []
    /// The repairs of the history before the turn, by rule; most often none.
    public internal(set) var repairs = RepairReport()

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
    public var requestBytes: Int { crossings.reduce(0) { $0.adding($1.requestBytes) } }
    /// Bytes of requests that were sent again.
    public var sentAgainBytes: Int { crossings.reduce(0) { $0.adding($1.sentAgainBytes) } }
    /// Leading bytes of requests that a provider's prefix cache can read; see ``Crossing/prefixBytes``.
    public var prefixBytes: Int { crossings.reduce(0) { $0.adding($1.prefixBytes) } }
    /// Bytes of requests that were new.
    public var newBytes: Int { crossings.reduce(0) { $0.adding($1.newBytes) } }
    /// Input tokens that were sent again; `nil` if a provider did not count.
    public var sentAgainTokens: Int? { sum(\.sentAgainTokens) }
    /// Input tokens that were new; `nil` if a provider did not count.
    public var newTokens: Int? { sum(\.newTokens) }

    /// The time in models: connecting, sending, waiting and receiving.
    public var model: Duration { self[.connect] + self[.send] + self[.firstByte] + self[.stream] }
    /// The time in neither models nor tools: the cost of the state layer.
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
            return sum.adding(count)
        }
    }
}
