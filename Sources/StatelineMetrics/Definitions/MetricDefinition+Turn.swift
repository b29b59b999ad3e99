extension MetricDefinition {
    /// All metrics that ``TurnMetrics`` records.
    public static let turns: [MetricDefinition] = [
        turnDuration, stageDuration, overheadRatio, storeTime, modelTime,
        sentTokens, newTokens, sentBytes, newBytes, prefixBytes, amplification, cachedTokens, prefixBroken, repairs,
        storeBytes, storeRoundTrips, commit, durability, cacheRequests, sessionSize,
        operationDuration, timeToFirstChunk, tokenUsage,
    ]

    static let turnDuration = MetricDefinition(
        "stateline.turn.duration",
        unit: .seconds,
        help: "Duration of turns, by outcome.",
        buckets: .fineSeconds
    )
    static let stageDuration = MetricDefinition(
        "stateline.turn.stage.duration",
        unit: .seconds,
        help: "Duration of the stages of turns; the stages of a turn sum to the turn.",
        buckets: .seconds
    )
    static let overheadRatio = MetricDefinition(
        "stateline.overhead.ratio",
        help: "Fraction of a turn that is spent neither in the model nor in tools.",
        buckets: .ratio
    )
    static let storeTime = MetricDefinition(
        "stateline.store.time",
        unit: .seconds,
        help: "Time that turns spent waiting for the store."
    )
    static let modelTime = MetricDefinition(
        "stateline.model.time",
        unit: .seconds,
        help: "Time that turns spent waiting for models."
    )
    static let sentTokens = MetricDefinition(
        "stateline.replay.sent_tokens",
        help: "Input tokens of calls, if the provider counted them."
    )
    static let newTokens = MetricDefinition(
        "stateline.replay.new_tokens",
        help: "Input tokens that the previous call did not have, if the provider counted them."
    )
    static let sentBytes = MetricDefinition(
        "stateline.replay.sent_bytes",
        help: "Bytes of requests to models."
    )
    static let newBytes = MetricDefinition(
        "stateline.replay.new_bytes",
        help: "Bytes of requests to models that the previous request did not have."
    )
    static let prefixBytes = MetricDefinition(
        "stateline.replay.prefix_bytes",
        help: "Leading bytes of requests to models that the provider's prefix cache can read."
    )
    static let amplification = MetricDefinition(
        "stateline.replay.amplification",
        help: "Bytes sent to models for each new byte, by turn.",
        buckets: .amplification
    )
    static let cachedTokens = MetricDefinition(
        "stateline.replay.cached_tokens",
        help: "Input tokens that providers read from a cache."
    )
    static let prefixBroken = MetricDefinition(
        "stateline.prefix.broken",
        help: "Turns whose request did not continue the session's previous request."
    )
    static let repairs = MetricDefinition(
        "stateline.repairs",
        help: "Repairs of histories that providers would have refused, by rule."
    )
    static let storeBytes = MetricDefinition(
        "stateline.store.bytes",
        unit: .bytes,
        help: "Bytes of batches between this process and the store."
    )
    static let storeRoundTrips = MetricDefinition(
        "stateline.store.round_trips",
        help: "Round trips to the store of a turn that made any.",
        buckets: .few
    )
    static let commit = MetricDefinition("stateline.commit", help: "Commits of turns, by result.")
    static let durability = MetricDefinition(
        "stateline.commit.durability",
        help: "Commits of turns, by durability when the store acknowledged them."
    )
    static let cacheRequests = MetricDefinition(
        "stateline.cache.requests",
        help: "Turns, by cache result."
    )
    static let sessionSize = MetricDefinition(
        "stateline.session.size",
        unit: .bytes,
        help: "Size of the session as sent to the model, by committed turn.",
        buckets: .bytes
    )
    static let operationDuration = MetricDefinition(
        "gen_ai.client.operation.duration",
        unit: .seconds,
        help: "Duration of model calls.",
        buckets: .modelSeconds
    )
    static let timeToFirstChunk = MetricDefinition(
        "gen_ai.client.operation.time_to_first_chunk",
        unit: .seconds,
        help: "Time from a model call to the first bytes of its answer.",
        buckets: .modelSeconds
    )
    static let tokenUsage = MetricDefinition(
        "gen_ai.client.token.usage",
        help: "Tokens of model calls, if the provider counted them.",
        buckets: .tokens
    )
}
