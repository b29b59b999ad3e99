extension MetricDefinition {
    /// All metrics that ``SourceMetrics`` records of this package's stores and caches.
    public static let sources: [MetricDefinition] =
        [
            storeMemory, storeLimit, storeKeys, limbo, storeRemoved, storeRefused, cacheBytes, cacheEntries,
            cacheEvictions,
        ] + clients

    static let storeMemory = MetricDefinition(
        "stateline.store.memory.bytes",
        unit: .bytes,
        help: "Bytes of the sessions in the memory store."
    )
    static let storeLimit = MetricDefinition(
        "stateline.store.memory.limit",
        unit: .bytes,
        help: "Limit of the bytes of the sessions in the memory store."
    )
    static let storeKeys = MetricDefinition(
        "stateline.store.keys",
        help: "Keys in the memory store: live sessions, and marks of sessions that are gone."
    )
    static let limbo = MetricDefinition(
        "stateline.store.limbo.bytes",
        unit: .bytes,
        help: "Bytes that were removed from the process's maps and are not freed yet."
    )
    static let storeRemoved = MetricDefinition(
        "stateline.store.removed",
        help: "Sessions removed from the memory store, and marks dropped to make room."
    )
    static let storeRefused = MetricDefinition(
        "stateline.store.refused",
        help: "Writes that the memory store refused."
    )
    static let cacheBytes = MetricDefinition(
        "stateline.cache.bytes",
        unit: .bytes,
        help: "Bytes of the sessions in the cache."
    )
    static let cacheEntries = MetricDefinition("stateline.cache.entries", help: "Sessions in the cache.")
    static let cacheEvictions = MetricDefinition(
        "stateline.cache.evictions",
        help: "Sessions evicted from the cache to make room."
    )
}
