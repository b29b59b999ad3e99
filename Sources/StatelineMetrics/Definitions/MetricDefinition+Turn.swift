extension MetricDefinition {
    /// All metrics that ``TurnMetrics`` records.
    public static let turns: [MetricDefinition] = [
        turnDuration, stageDuration, overheadRatio, storeTime, modelTime,
        sentTokens, newTokens, sentBytes, newBytes, prefixBytes, amplification, cachedTokens, prefixBroken,
        storeBytes, storeRoundTrips, commit, durability, cacheRequests, sessionSize,
        operationDuration, timeToFirstChunk, tokenUsage,
    ]

    static let turnDuration = MetricDefinition(
        "stateline.turn.duration",
        unit: .seconds,
        help: "Whole turns, by how they ended.",
        buckets: .fineSeconds
    )
    static let stageDuration = MetricDefinition(
        "stateline.turn.stage.duration",
        unit: .seconds,
        help: "Stages of turns; those of a turn sum to it, and one that it does not have is not counted.",
        buckets: .seconds
    )
    static let overheadRatio = MetricDefinition(
        "stateline.overhead.ratio",
        help: "The part of a turn that is neither the model's nor the tools'.",
        buckets: .ratio
    )
    static let storeTime = MetricDefinition(
        "stateline.store.time",
        unit: .seconds,
        help: "Time that turns waited for the store."
    )
    static let modelTime = MetricDefinition(
        "stateline.model.time",
        unit: .seconds,
        help: "Time that turns waited for models."
    )
    static let sentTokens = MetricDefinition(
        "stateline.replay.sent_tokens",
        help: "Input tokens of calls, where the provider counted."
    )
    static let newTokens = MetricDefinition(
        "stateline.replay.new_tokens",
        help: "Input tokens of calls that the call before did not have, where the provider counted."
    )
    static let sentBytes = MetricDefinition(
        "stateline.replay.sent_bytes",
        help: "Bytes of requests to models."
    )
    static let newBytes = MetricDefinition(
        "stateline.replay.new_bytes",
        help: "Bytes of requests to models that the request before did not have."
    )
    static let prefixBytes = MetricDefinition(
        "stateline.replay.prefix_bytes",
        help: "Leading bytes of requests to models that a prefix cache of the provider can read."
    )
    static let amplification = MetricDefinition(
        "stateline.replay.amplification",
        help: "Bytes sent to models for each new one, by turn.",
        buckets: .amplification
    )
    static let cachedTokens = MetricDefinition(
        "stateline.replay.cached_tokens",
        help: "Input tokens that providers read from a cache."
    )
    static let prefixBroken = MetricDefinition(
        "stateline.prefix.broken",
        help: "Turns whose request did not continue the session's previous one."
    )
    static let storeBytes = MetricDefinition(
        "stateline.store.bytes",
        unit: .bytes,
        help: "Bytes of batches between this process and the store."
    )
    static let storeRoundTrips = MetricDefinition(
        "stateline.store.round_trips",
        help: "Round trips to the store, by turns that made any.",
        buckets: .few
    )
    static let commit = MetricDefinition("stateline.commit", help: "Commits of turns, by what became of them.")
    static let durability = MetricDefinition(
        "stateline.commit.durability",
        help: "Commits of turns, by how far they had got when the store acknowledged them."
    )
    static let cacheRequests = MetricDefinition(
        "stateline.cache.requests",
        help: "Turns, by what the cache had of their session."
    )
    static let sessionSize = MetricDefinition(
        "stateline.session.size",
        unit: .bytes,
        help: "Sessions as they are sent to the model, by committed turn.",
        buckets: .bytes
    )
    static let operationDuration = MetricDefinition(
        "gen_ai.client.operation.duration",
        unit: .seconds,
        help: "Calls of models.",
        buckets: .modelSeconds
    )
    static let timeToFirstChunk = MetricDefinition(
        "gen_ai.client.operation.time_to_first_chunk",
        unit: .seconds,
        help: "Time from a call to the first bytes of its answer.",
        buckets: .modelSeconds
    )
    static let tokenUsage = MetricDefinition(
        "gen_ai.client.token.usage",
        help: "Tokens of calls, where the provider counted.",
        buckets: .tokens
    )
}
