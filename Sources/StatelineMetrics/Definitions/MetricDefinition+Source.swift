extension MetricDefinition {
    /// All metrics that ``SourceMetrics`` records of this package's stores and caches.
    public static let sources: [MetricDefinition] = [
        storeMemory, storeLimit, storeKeys, limbo, storeRemoved, storeRefused, cacheBytes, cacheEntries, cacheEvictions,
    ]

    static let storeMemory = MetricDefinition(
        "stateline.store.memory.bytes",
        unit: .bytes,
        help: "Bytes that the sessions of the store in memory count for."
    )
    static let storeLimit = MetricDefinition(
        "stateline.store.memory.limit",
        unit: .bytes,
        help: "Bytes that the sessions of the store in memory may count for."
    )
    static let storeKeys = MetricDefinition(
        "stateline.store.keys",
        help: "Keys that the store in memory knows: live sessions, and marks of those that are gone."
    )
    static let limbo = MetricDefinition(
        "stateline.store.limbo.bytes",
        unit: .bytes,
        help: "Bytes that were removed from the process's maps and are not freed yet."
    )
    static let storeRemoved = MetricDefinition(
        "stateline.store.removed",
        help: "Sessions that left the store in memory, and marks that were dropped to make room."
    )
    static let storeRefused = MetricDefinition(
        "stateline.store.refused",
        help: "Writes that the store in memory refused."
    )
    static let cacheBytes = MetricDefinition(
        "stateline.cache.bytes",
        unit: .bytes,
        help: "Bytes that the sessions in the cache count for."
    )
    static let cacheEntries = MetricDefinition("stateline.cache.entries", help: "Sessions in the cache.")
    static let cacheEvictions = MetricDefinition(
        "stateline.cache.evictions",
        help: "Sessions that left the cache to make room."
    )
}
